/* Signing in with a wallet in the browser (EIP-1193; wallets announce themselves by EIP-6963): asks the
 * server for a message, has the wallet sign it, and sends both by a form like the page's own, so that
 * the browser follows the answer wherever the sign-in leads. Nothing is kept, and nothing comes from
 * another server. */

const ANNOUNCING_MS = 300; // wallets that speak EIP-6963 answer at once
const REFUSED = 4001; // EIP-1193: the person said no
const NOT_ALLOWED = 4100;
const ALREADY_ASKING = -32002;

const section = document.getElementById('wallet');
const choices = section.querySelector('div');
const told = section.querySelector('[role=status]');
const invitation = document.querySelector('form');

/** What went wrong, in words for people. */
class Problem extends Error {}

function tell(text, isProblem) {
  told.textContent = text;
  told.className = isProblem ? 'problem' : '';
}

function inWords(error) {
  if (error instanceof Problem) {
    return error.message;
  }
  switch (error && error.code) {
    case REFUSED:
      return 'You refused in your wallet, so nothing was signed. You can try again.';
    case NOT_ALLOWED:
      return 'Your wallet does not let this page ask: unlock it, and allow this site.';
    case ALREADY_ASKING:
      return 'Your wallet is asking you already: look for its window.';
    default:
      return 'Your wallet says: ' + ((error && error.message) || 'something went wrong');
  }
}

/** A message to sign, made by the server for this address. */
async function askMessage(address) {
  let reply;
  let answer;
  try {
    reply = await fetch(section.dataset.nonce + '?address=' + encodeURIComponent(address),
      {credentials: 'omit', cache: 'no-store'});
    answer = await reply.json();
  } catch {
    throw new Problem('The server cannot be reached: try again later.');
  }
  if (!reply.ok) {
    throw new Problem('The server says: ' + answer.error);
  }
  return answer.message;
}

function hexOf(text) {
  const bytes = new TextEncoder().encode(text);
  return '0x' + Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function askSignature(provider, message, address) {
  const signature = await provider.request({method: 'personal_sign', params: [hexOf(message), address]});
  if (!/^0x[0-9a-fA-F]{130}$/.test(signature)) {
    throw new Problem('This account is a contract (a smart account). Only accounts with a key of their ' +
      'own can sign in here.');
  }
  return signature;
}

async function askAddress(provider) {
  const accounts = await provider.request({method: 'eth_requestAccounts'});
  if (!Array.isArray(accounts) || accounts.length === 0) {
    throw new Problem('Your wallet shows this page no account: choose one in it, and try again.');
  }
  return accounts[0];
}

/** Sends these fields as the page's own form would. */
function send(fields) {
  const form = document.createElement('form');
  form.method = 'post';
  form.action = invitation.action;
  form.hidden = true;
  for (const [name, value] of Object.entries(fields)) {
    const input = document.createElement('input');
    input.type = 'hidden';
    input.name = name;
    input.value = value;
    form.append(input);
  }
  document.body.append(form);
  form.submit();
}

function setBusy(isBusy) {
  for (const button of choices.querySelectorAll('button')) {
    button.disabled = isBusy;
  }
}

async function signIn(provider) {
  setBusy(true);
  try {
    tell('Choose an account in your wallet.');
    const address = await askAddress(provider);
    const message = await askMessage(address);
    tell('Look at the message in your wallet, and sign it.');
    const signature = await askSignature(provider, message, address);
    tell('Signing in.');
    /* JSON, as a form would write the message's line ends anew */
    send({state: invitation.elements.state.value, wallet: JSON.stringify({message, signature})});
  } catch (error) {
    tell(inWords(error), true);
  } finally {
    setBusy(false);
  }
}

const offered = new Set();

function offer(name, provider) {
  if (offered.has(provider)) {
    return;
  }
  offered.add(provider);
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Sign in with ' + name;
  button.addEventListener('click', () => signIn(provider));
  choices.append(button);
  tell('');
}

/* The wallet that took window.ethereum is often one that has announced itself as well. */
function offerTheOldWay() {
  if (offered.size === 0 && window.ethereum && typeof window.ethereum.request === 'function') {
    offer('your wallet', window.ethereum);
  }
  if (offered.size === 0) {
    tell('No wallet was found in this browser. Open this page in the browser where yours is installed, ' +
      'or in the wallet\'s own browser.');
  }
}

window.addEventListener('eip6963:announceProvider', (event) => {
  const {info, provider} = event.detail || {};
  if (info && provider && typeof provider.request === 'function') {
    offer(String(info.name || 'your wallet').slice(0, 40), provider);
  }
});
window.addEventListener('ethereum#initialized', offerTheOldWay, {once: true});
window.dispatchEvent(new Event('eip6963:requestProvider'));
section.hidden = false;
setTimeout(offerTheOldWay, ANNOUNCING_MS);
