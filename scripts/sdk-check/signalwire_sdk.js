// SignalWire's own SDK, for scripts that are not written in JavaScript.
//
//   signalwire_sdk.js drive SIMULATOR           proof 1: one line per claim, `ok …` or `FAILED …: why`
//   signalwire_sdk.js intent BASE INTENT [ID]   proof 4: does what carriers/examples/intents does
//   signalwire_sdk.js document NAME             proof 4: writes what carriers/examples/intents writes
//   signalwire_sdk.js verify                    a list of {key, url, params, signature} on stdin: [true, false, …]
//   signalwire_sdk.js sign                      a list of {key, url, params} on stdin: ["signature", …]

'use strict';

const fs = require('fs');
const path = require('path');
const { RestClient } = require('@signalwire/compatibility-api');
const { drive } = require('./drive_signalwire');
const { document, intent } = require('./intents_signalwire');

// The SDK signs as well, but hands only its verifier out.
const sdk = path.dirname(require.resolve('@signalwire/compatibility-api'));
const { getExpectedTwilioSignature } = require(path.join(sdk, '../lib/webhooks/webhooks.js'));

const asked = () => JSON.parse(fs.readFileSync(0, 'utf8'));

const commands = {
  drive,
  intent,
  document: (name) => document(name),
  verify: () =>
    asked().map(({ key, url, params, signature }) => RestClient.validateRequest(key, signature, url, params, true)),
  sign: () => asked().map(({ key, url, params }) => getExpectedTwilioSignature(key, url, params)),
};

async function main([command, ...rest]) {
  const answer = await commands[command](...rest);
  if (answer !== undefined) console.log(JSON.stringify(answer));
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
