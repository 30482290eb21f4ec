// Compiles a Solidity file and calls its verifyProof in an EVM, once for each line of standard input
// (32-byte words in hex, the arguments one after the other). Prints for each line what came back:
// {"returned": true, "valid": true, "gas": 200000}. Usage: evm.mjs FILE CONTRACT [RUNS|none]
import { Address, hexToBytes } from '@ethereumjs/util';
import { EVM } from '@ethereumjs/evm';
import { Chain, Common, Hardfork } from '@ethereumjs/common';
import fs from 'node:fs';
import { createRequire } from 'node:module';

const GAS_LIMIT = 30_000_000n; // of a call, and of a block

function compile(file, contract, runs) {
    const solc = createRequire(import.meta.url)('solc');
    const input = {
        language: 'Solidity',
        sources: { [file]: { content: fs.readFileSync(file, 'utf8') } },
        settings: {
            evmVersion: 'cancun',
            optimizer: runs === 'none' ? { enabled: false } : { enabled: true, runs: Number(runs) },
            outputSelection: { '*': { '*': ['evm.bytecode.object', 'evm.methodIdentifiers'] } },
        },
    };
    const output = JSON.parse(solc.compile(JSON.stringify(input)));
    const complaints = (output.errors ?? []).map((e) => e.formattedMessage);
    if (output.contracts === undefined) throw new Error(complaints.join('\n'));
    return { ...output.contracts[file][contract].evm, complaints };
}

const [file, contract, runs = '200'] = process.argv.slice(2);
const { bytecode, methodIdentifiers, complaints } = compile(file, contract, runs);
complaints.forEach((c) => console.error(c));
const method = Object.keys(methodIdentifiers).find((m) => m.startsWith('verifyProof('));
const evm = await EVM.create({ common: new Common({ chain: Chain.Mainnet, hardfork: Hardfork.Cancun }) });
const caller = new Address(hexToBytes('0x' + '11'.repeat(20)));
const made = await evm.runCall({ caller, data: hexToBytes('0x' + bytecode.object), gasLimit: GAS_LIMIT });
if (made.execResult.exceptionError) throw new Error(made.execResult.exceptionError.error);

console.log(JSON.stringify({ method, bytes: made.execResult.returnValue.length, complaints: complaints.length }));
for (const line of fs.readFileSync(0, 'utf8').split('\n').filter((l) => l !== '')) {
    const data = hexToBytes('0x' + methodIdentifiers[method] + line);
    const { execResult } = await evm.runCall({ caller, to: made.createdAddress, data, gasLimit: GAS_LIMIT });
    const returned = execResult.exceptionError === undefined;
    const valid = returned && execResult.returnValue.length === 32 && execResult.returnValue[31] === 1;
    console.log(JSON.stringify({ returned, valid, gas: Number(execResult.executionGasUsed) }));
}
