pragma circom 2.0.0;

// A chain of squarings: n + 1 constraints; one output, four public inputs, a private one.
template Chain(n) {
    signal input a;
    signal input b[4];
    signal output o;
    signal t[n];

    t[0] <== a * b[0];
    for (var i = 1; i < n; i++) {
        t[i] <== t[i - 1] * t[i - 1] + b[i % 4];
    }
    o <== t[n - 1] * a;
}

component main {public [b]} = Chain(10000);
