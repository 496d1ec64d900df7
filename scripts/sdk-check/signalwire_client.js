// SignalWire's own client, led to where we want it.

'use strict';

const { RestClient } = require('@signalwire/compatibility-api');

// As the simulator is when nobody tells it otherwise.
const PROJECT = '11111111-2222-4333-8444-555555555555';
const TOKEN = 'PT-simulator';

// The SDK insists on HTTPS and a space of SignalWire's until it is built.
function client(base, token = TOKEN) {
  const made = RestClient(PROJECT, token, { signalwireSpaceUrl: 'nowhere.signalwire.com' });
  made.api.baseUrl = base;
  return made;
}

module.exports = { PROJECT, client };
