pragma circom 2.0.0;

// A chain of squarings: n + 1 constraints.
template Chain(n) {
    signal input a;
    signal input b;
    signal output o;
    signal t[n];

    t[0] <== a * b;
    for (var i = 1; i < n; i++) {
        t[i] <== t[i - 1] * t[i - 1] + a;
    }
    o <== t[n - 1] * b;
}

component main {public [b]} = Chain(10000);
