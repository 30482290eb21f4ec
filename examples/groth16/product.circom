pragma circom 2.0.0;

// I know two factors, neither of them 1, whose product is public.
template Product() {
    signal input a;
    signal input b;
    signal output c;
    signal inverse_a;
    signal inverse_b;
    inverse_a <-- 1 / (a - 1);
    inverse_b <-- 1 / (b - 1);
    inverse_a * (a - 1) === 1;
    inverse_b * (b - 1) === 1;
    c <== a * b;
}

component main = Product();
