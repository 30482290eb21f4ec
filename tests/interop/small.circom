pragma circom 2.0.0;

// 201 constraints; one output, one public input, two private ones. One signal, c, is in no A and no
// B: its points there are infinity.
template Small(n) {
    signal input a;
    signal input b;
    signal input c;
    signal output o;
    signal t[n];

    t[0] <== a * b;
    for (var i = 1; i < n; i++) {
        t[i] <== t[i - 1] * t[i - 1] + c * i;
    }
    o <== t[n - 1] * b;
}

component main {public [b]} = Small(200);
