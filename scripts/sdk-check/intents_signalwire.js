// Proof 4, SignalWire by `@signalwire/compatibility-api`: what carriers/examples/intents/signalwire.rs does.

'use strict';

const { RestClient } = require('@signalwire/compatibility-api');
const { client } = require('./signalwire_client');

const TO = '+12125550142';
const FROM = '+12025550100';
const WEBHOOKS = 'http://127.0.0.1:9/webhooks/signalwire/calls/1';
const PAGE_SIZE = 100;

const minimal = {
  to: TO,
  from: FROM,
  url: `${WEBHOOKS}/answer`,
  statusCallback: `${WEBHOOKS}/status`,
  statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
  timeout: 30,
};

const inFull = {
  ...minimal,
  machineDetection: 'Enable',
  asyncAmd: 'true',
  asyncAmdStatusCallback: `${WEBHOOKS}/amd`,
  record: true,
  recordingStatusCallback: `${WEBHOOKS}/recording`,
  recordingStatusCallbackEvent: ['completed'],
};

const intents = {
  'place-call': (sdk) => sdk.calls.create(minimal),
  'place-call-in-full': (sdk) => sdk.calls.create(inFull),
  'look-up-call': (sdk, sid) => sdk.calls(sid).fetch(),
  'list-calls': (sdk) => sdk.calls.list({ to: TO, from: FROM, pageSize: PAGE_SIZE }),
  'hang-up': (sdk, sid) => sdk.calls(sid).update({ status: 'completed' }),
  redirect: (sdk, sid) => sdk.calls(sid).update({ url: `${WEBHOOKS}/transfer?to=Sales+Team`, method: 'POST' }),
  'list-numbers': (sdk) => sdk.incomingPhoneNumbers.list({ pageSize: PAGE_SIZE }),
};

// Below the root of the host: the SDK would look for further pages below the prefix twice.
async function intent(base, name, id) {
  await intents[name](client(base), id);
}

const action = `${WEBHOOKS}/dial-result?a=1&b=%3C2%3E`;
const agent = 'sip:+12025550100@sip.rtc.elevenlabs.io:5060;transport=tcp';

const documents = {
  'document-hang-up': (response) => response.hangup(),
  'document-dial-agent': (response) =>
    response.dial({ answerOnBridge: true, callerId: FROM, timeLimit: 1800, action }).sip(agent),
  'document-dial-number': (response) =>
    response.dial({ callerId: FROM, timeout: 25, timeLimit: 14400, action }).number(TO),
};

function document(name) {
  const response = new RestClient.LaML.VoiceResponse();
  documents[name](response);
  return response.toString();
}

module.exports = { document, intent };
