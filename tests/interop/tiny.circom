pragma circom 2.0.0;

// Seven constraints; one output, one public input, two private ones. One signal is in no A.
template Tiny() {
    signal input a;
    signal input b;
    signal input c;
    signal output o;
    signal t[6];

    t[0] <== a * b;
    for (var i = 1; i < 6; i++) {
        t[i] <== t[i - 1] * t[i - 1] + c * i;
    }
    o <== t[5] * b;
}

component main {public [b]} = Tiny();
