// A whole client of a convoke server in a hundred lines: signs in with an invitation, waits for its
// turn, contributes, checks the receipt and the transcript. docs/CLIENTS.md explains each step.
//
//     npm install @noble/curves@1        (Node 18 or newer)
//     node client.mjs https://ceremony.example convoke-invitation-v1:...
//
// For small sizes: a point takes JavaScript milliseconds, and Ethereum's sizes have 61,000 of them.
// What it leaves out (`convoke contribute` has it): the pairing checks of the challenge, an ECDSA
// signature over the keys, keeping secrets out of swap, going on after its own end.
import { randomBytes } from 'node:crypto';
import { bls12_381 as bls } from '@noble/curves/bls12-381';
import { secp256k1 } from '@noble/curves/secp256k1';
import { keccak_256 } from '@noble/hashes/sha3';

const G1 = bls.G1.ProjectivePoint, G2 = bls.G2.ProjectivePoint, r = bls.fields.Fr.ORDER;
const DST = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_';
const text = (s) => new TextEncoder().encode(s);
const hex = (bytes) => Buffer.from(bytes).toString('hex');
const sleep = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds));

const [base, invitation = ''] = [process.argv[2]?.replace(/\/$/, ''), process.argv[3]];
const secretKey = invitation.replace(/^convoke-invitation-v1:/, '');
if (!base || !/^[0-9a-f]{64}$/.test(secretKey)) throw new Error('usage: client.mjs URL INVITATION');

// ---- HTTP: an answer is its status, its fields and JSON; the network may fail at any time ----

async function ask(method, path, session, body) {
  const headers = session ? { authorization: `Bearer ${session}` } : {};
  if (body !== undefined) headers['content-type'] = 'application/json';
  for (let wait = 1; ; wait = Math.min(2 * wait, 30)) {
    try {
      const answer = await fetch(base + path, { method, headers, body });
      const after = Number(answer.headers.get('retry-after') ?? wait);
      const value = await answer.json();
      if (answer.status !== 429 && answer.status < 500) return { status: answer.status, value, after };
      await sleep(after);
    } catch {
      await sleep(wait); // cut off: asking again is always allowed, a repeated upload too
    }
  }
}

function must({ status, value }) {
  if (status !== 200 || value.code) throw new Error(`${status} ${value.code}: ${value.error}`);
  return value;
}

// ---- Ethereum: personal_sign (EIP-191), and whose signature it is ----

const eip191 = (message) => keccak_256(text(`\x19Ethereum Signed Message:\n${text(message).length}${message}`));
const addressOf = (publicKey) => '0x' + hex(keccak_256(publicKey.toRawBytes(false).slice(1)).slice(-20));

function sign(message) {
  const s = secp256k1.sign(eip191(message), secretKey);
  return '0x' + s.toCompactHex() + (27 + s.recovery).toString(16);
}

function signer(message, signature) {
  const s = secp256k1.Signature.fromCompact(signature.slice(0, 128));
  return addressOf(s.addRecoveryBit(parseInt(signature.slice(128), 16) - 27).recoverPublicKey(eip191(message)));
}

// ---- 1. sign in ----

const link = new URL(must(await ask('GET', '/auth/request_link')).eth_auth_url);
const state = link.searchParams.get('state');
const code = sign(`convoke sign-in\nI want to take part in a ceremony.\nserver: ${link.host}\nstate: ${state}`);
const { session_id: session, id_token: me } =
  must(await ask('GET', '/auth/callback/eth?' + new URLSearchParams({ code, state })));
console.log(`signed in as ${me.sub}`);

// ---- 2. wait for the turn ----

let challenge;
for (;;) {
  const { status, value, after } = await ask('POST', '/lobby/try_contribute', session);
  if (status === 200 && value.contributions) { challenge = value; break; }
  const [, why] = (value.code ?? '').split('::');
  if (!['AnotherContributionInProgress', 'RateLimited', 'LobbyIsFull'].includes(why)) must({ status, value });
  await sleep(after);
}

// ---- 3. contribute: every power times the same power of a secret of ours ----

function multiplied(Point, points, tau) { // fromHex refuses what is not in the right group
  let factor = 1n;
  return points.map((p) => {
    const made = Point.fromHex(p.slice(2)).multiply(factor);
    factor = (factor * tau) % r;
    return '0x' + made.toHex(true);
  });
}

function contribute({ numG1Powers, numG2Powers, powersOfTau }) {
  const tau = (BigInt('0x' + hex(randomBytes(64))) % (r - 2n)) + 2n;
  const powers = {
    G1Powers: multiplied(G1, powersOfTau.G1Powers, tau),
    G2Powers: multiplied(G2, powersOfTau.G2Powers, tau),
  };
  const blsSignature = G1.fromAffine(bls.G1.hashToCurve(text(me.sub), { DST }).toAffine()).multiply(tau);
  return { numG1Powers, numG2Powers, powersOfTau: powers,
    potPubkey: '0x' + G2.BASE.multiply(tau).toHex(true), blsSignature: '0x' + blsSignature.toHex(true) };
}

const contributions = challenge.contributions.map(contribute);
const keys = contributions.map((c) => c.potPubkey);
const body = JSON.stringify({ contributions, ecdsaSignature: '' });
const answer = must(await ask('POST', '/contribute', session, body));

// ---- 4. is it really in? ----

const receipt = JSON.parse(answer.receipt);
const { sequencer_address: server } = must(await ask('GET', '/info/status'));
if (signer(answer.receipt, answer.signature) !== server.toLowerCase()) throw new Error('the receipt is not the server\'s');
if (receipt.identity !== me.sub || String(receipt.witness) !== String(keys)) throw new Error('the receipt is for another');
const { transcripts, participantIds } = must(await ask('GET', '/info/current_state'));
const index = transcripts[0].witness.potPubkeys.indexOf(keys[0]);
const held = transcripts.every(({ witness }, i) => witness.potPubkeys[index] === keys[i] &&
  witness.runningProducts[index] === contributions[i].powersOfTau.G1Powers[1]);
if (participantIds[index] !== me.sub || !held) throw new Error('it is not in the transcript: show others the receipt');
console.log(`contribution ${index}: in the transcript, with a receipt of ${server}`);
console.log(JSON.stringify(answer, null, 2));
