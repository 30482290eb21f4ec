// The sign-in page in a real browser (headless Chromium) with a wallet of the test's own:
//
//   node browser_sign_in.mjs CHROMIUM URL WALLET SECRET
//
// URL is the page. WALLET is what the browser has: none; ethereum (window.ethereum); announced (EIP-6963);
// refuses, contract, locked, changed (window.ethereum that does that when asked); typed (no wallet: SECRET
// is an invitation, and JavaScript is off). Prints one line of JSON: what was seen and sent.
import { chromium } from 'playwright-core';
import { secp256k1 } from '@noble/curves/secp256k1';
import { keccak_256 } from '@noble/hashes/sha3';

const [executablePath, url, wallet, secret] = process.argv.slice(2);
const PATIENCE_MS = 30000;

const hex = (bytes) => Buffer.from(bytes).toString('hex');
const bytesOf = (text) => Buffer.from(text.replace(/^0x/, ''), 'hex');

function addressOf(key) {
  return '0x' + hex(keccak_256(secp256k1.getPublicKey(key, false).slice(1)).slice(-20));
}

/** EIP-191. */
function personalSign(key, message) {
  const prefix = Buffer.from(`\x19Ethereum Signed Message:\n${message.length}`);
  const signature = secp256k1.sign(keccak_256(Buffer.concat([prefix, message])), key);
  return '0x' + signature.toCompactHex() + (27 + signature.recovery).toString(16);
}

const asked = []; // of the wallet

/** The wallet: it lives here, so that no key gets into the browser. */
function answer(method, params) {
  asked.push({ method, params });
  if (method === 'eth_requestAccounts') {
    return wallet === 'locked' ? { error: { code: 4100, message: 'locked' } }
      : { result: [addressOf(secret)] };
  }
  if (method !== 'personal_sign') {
    return { error: { code: 4200, message: 'no such method' } };
  }
  if (wallet === 'refuses') {
    return { error: { code: 4001, message: 'User rejected the request.' } };
  }
  if (wallet === 'contract') {
    return { result: '0x' + '12'.repeat(200) };
  }
  const message = bytesOf(params[0]);
  return { result: personalSign(secret, wallet === 'changed' ? Buffer.concat([message, message]) : message) };
}

/** In the page, before its own script. */
function inject(kind) {
  const provider = {
    async request({ method, params }) {
      const { result, error } = await window.testWallet(method, params ?? []);
      if (error) {
        throw Object.assign(new Error(error.message), { code: error.code });
      }
      return result;
    },
  };
  if (kind !== 'announced') {
    window.ethereum = provider;
    return;
  }
  const detail = Object.freeze({ info: { uuid: '1', name: 'Test <b>Wallet</b>', icon: '', rdns: 'test' }, provider });
  const announce = () => window.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail }));
  window.addEventListener('eip6963:requestProvider', announce);
  announce();
}

async function byWallet(page, seen) {
  const says = page.locator('#wallet [role=status]');
  if (wallet === 'none') {
    await says.getByText('No wallet').waitFor();
    seen.says = await says.textContent();
    return;
  }
  const button = page.getByRole('button', { name: 'Sign in with' });
  await button.waitFor();
  seen.button = await button.textContent();
  const ends = Promise.race([
    page.waitForURL((to) => to.href !== url, { waitUntil: 'load' }).then(() => true),
    page.locator('#wallet .problem').waitFor().then(() => false),
  ]);
  await button.click();
  if (!(await ends)) {
    seen.says = await says.textContent();
    seen.mayTryAgain = await button.isEnabled();
  }
}

async function byInvitation(page) {
  await page.getByLabel('Invitation').fill(secret);
  await Promise.all([page.waitForURL((to) => to.href !== url), page.getByRole('button', { name: 'Sign in' }).click()]);
}

const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-dev-shm-usage'], // in containers too; it sees our own pages only
});
try {
  const context = await browser.newContext({ javaScriptEnabled: wallet !== 'typed' });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const seen = { complaints: [], forms: [], hosts: [] };
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && seen.complaints.push(message.text()));
  page.on('pageerror', (error) => seen.complaints.push(String(error)));
  page.on('request', (request) => {
    seen.hosts.push(new URL(request.url()).host);
    if (request.method() === 'POST') {
      seen.forms.push({ url: request.url(), body: request.postData() });
    }
  });
  if (!['none', 'typed'].includes(wallet)) {
    await page.exposeFunction('testWallet', answer);
    await page.addInitScript(inject, wallet);
  }
  await page.goto(url);
  seen.walletShown = await page.locator('#wallet').isVisible();
  await (wallet === 'typed' ? byInvitation(page) : byWallet(page, seen));
  seen.url = page.url();
  seen.text = await page.locator('body').innerText();
  console.log(JSON.stringify({ ...seen, asked }));
} finally {
  await browser.close();
}
