// Values of bn254's fields, groups and pairing as an independent implementation computes them, for
// tests/unit/algebra: random and edge inputs, the same for the same seed.
//
//   node tests/vectors/bn254_noble.mjs SEED      writes JSON
//
// An element of Fq, Fq2, Fq6 or Fq12 is its coefficients in hexadecimal, the lowest first; a point
// is its coordinates, x first. Those of Fq12 are in the order of c0 c1 of c0 c1 c2 of c0 c1.
import { createHash } from 'node:crypto';
import { bn254 } from '@noble/curves/bn254';

const { Fp, Fp2, Fp6, Fp12, Fr } = bn254.fields;
const q = Fp.ORDER;
let counter = 0;

function random(below) {
  const digest = createHash('sha512').update(`${process.argv[2]} ${counter++}`).digest('hex');
  return BigInt('0x' + digest) % below;
}

const edges = [0n, 1n, 2n, q - 1n, q - 2n, (q - 1n) / 2n, (q + 1n) / 2n, 1n << 128n];
const fq = () => (random(3n) === 0n ? edges[Number(random(BigInt(edges.length)))] : random(q));
const fq2 = () => ({ c0: fq(), c1: fq() });
const fq6 = () => ({ c0: fq2(), c1: fq2(), c2: fq2() });
const fq12 = () => ({ c0: fq6(), c1: fq6() });
const coefficients = (a) => (typeof a === 'bigint' ? [a] : Object.values(a).flatMap(coefficients));
const hex = (a) => coefficients(a).map((c) => c.toString(16).padStart(64, '0')).join('');
const times = (n, make) => Array.from({ length: n }, (_, i) => make(i));
const inverse = (F, a) => (F.is0(a) ? F.ZERO : F.inv(a));

function root(a) {
  try {
    return hex(Fp2.sqrt(a));
  } catch {
    return '';
  }
}

function inFq2(i) {
  const a = i < 64 ? { c0: edges[i % 8], c1: edges[i >> 3] } : fq2();
  const b = fq2();
  return {
    a: hex(a), b: hex(b), product: hex(Fp2.mul(a, b)), square: hex(Fp2.sqr(a)),
    sum: hex(Fp2.add(a, b)), difference: hex(Fp2.sub(a, b)), inverse: hex(inverse(Fp2, a)), root: root(a),
  };
}

function inFq6(i) {
  const [a, b] = [i === 0 ? Fp6.ZERO : fq6(), fq6()];
  return { a: hex(a), b: hex(b), product: hex(Fp6.mul(a, b)), inverse: hex(inverse(Fp6, a)) };
}

function inFq12(i) {
  const [a, b] = [i === 0 ? Fp12.ZERO : i === 1 ? Fp12.ONE : fq12(), fq12()];
  const cyclotomic = i === 0 ? Fp12.ONE
    : Fp12.mul(Fp12.frobeniusMap(Fp12.div(Fp12.conjugate(b), b), 2), Fp12.div(Fp12.conjugate(b), b));
  return {
    a: hex(a), b: hex(b), product: hex(Fp12.mul(a, b)), square: hex(Fp12.sqr(a)),
    inverse: hex(inverse(Fp12, a)), conjugate: hex(Fp12.conjugate(a)),
    frobenius: [1, 2, 3].map((power) => hex(Fp12.frobeniusMap(a, power))),
    cyclotomic: hex(cyclotomic), cyclotomic_square: hex(Fp12.sqr(cyclotomic)),
  };
}

const point = (p) => (({ x, y }) => hex({ x, y }))(p.toAffine());

function pairing(i) {
  const [k1, k2] = i === 0 ? [1n, 1n] : i === 1 ? [Fr.ORDER - 1n, 2n] : [1n + random(Fr.ORDER - 1n), 1n + random(Fr.ORDER - 1n)];
  const [g1, g2] = [bn254.G1.ProjectivePoint.BASE.multiply(k1), bn254.G2.ProjectivePoint.BASE.multiply(k2)];
  return { g1: point(g1), g2: point(g2), value: hex(bn254.pairing(g1, g2)) };
}

const pair = (F, i) => {
  const [a, b] = i < 64 ? [edges[i % 8] % F.ORDER, edges[i >> 3] % F.ORDER] : [random(F.ORDER), random(F.ORDER)];
  return {
    a: hex(a), b: hex(b), product: hex(F.mul(a, b)), sum: hex(F.add(a, b)), difference: hex(F.sub(a, b)),
    inverse: hex(inverse(F, a)),
  };
};

// Scalars that are hard on multiplications by an endomorphism with this factor: parts that are zero,
// small or negative; and at the end of a ladder an addend that equals the sum, or its opposite.
function scalars(factor, parts) {
  const powers = times(parts, (i) => factor ** BigInt(i) % Fr.ORDER);
  const small = [0n, 1n, 2n, 3n, 16n, 31n, 1n << 64n, (1n << 126n) - 1n];
  const hard = powers.flatMap((p) => [...small, ...times(8, (i) => BigInt(2 * i + 1) * 2n)].flatMap((v) => [v * p, -v * p]));
  const near = powers.flatMap((p) => [p + 1n, p - 1n]);
  return [...hard, ...near, (1n << 253n) - 1n, ...times(40, () => random(Fr.ORDER))].map((k) => Fr.create(k));
}

const orNone = (p) => (p.is0() ? '' : point(p));
const greater = (a) => (a.c1 ? a.c1 > q / 2n : (a.c0 ?? a) > q / 2n);

function multiples(G, factor, parts) {
  return scalars(factor, parts).map((k, i) => {
    const base = G.BASE.multiply(i % 8 === 0 ? 1n : 1n + random(Fr.ORDER - 1n));
    const { y } = base.toAffine();
    return { k: hex(k), base: point(base), larger_y: greater(y), product: orNone(base.multiplyUnsafe(k)) };
  });
}

// On the twist, and (its cofactor is as large as r) not of order r.
function outside() {
  for (;;) {
    const x = { c0: random(q), c1: random(q) };
    try {
      const y = Fp2.sqrt(Fp2.add(Fp2.mul(Fp2.sqr(x), x), bn254.G2.CURVE.b));
      return hex({ x, y });
    } catch {
      continue;
    }
  }
}

const X = 4965661367192848881n;
const lambda = Fr.pow(5n, (Fr.ORDER - 1n) / 3n);

console.log(JSON.stringify({
  fq: times(128, (i) => pair(Fp, i)), fr: times(128, (i) => pair(Fr, i)),
  g1: multiples(bn254.G1.ProjectivePoint, lambda, 2),
  g2: multiples(bn254.G2.ProjectivePoint, 6n * X * X, 4), outside: times(8, outside),
  fq2: times(128, inFq2), fq6: times(40, inFq6), fq12: times(40, inFq12), pairings: times(6, pairing),
}));
