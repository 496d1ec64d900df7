// Proof 1, SignalWire by `@signalwire/compatibility-api`: the vendor's own SDK drives our simulator.

'use strict';

const assert = require('assert');
const http = require('http');
const { PROJECT, client } = require('./signalwire_client');

const FROM = '+12025550100';
const [TALKER, BUSY, HELD] = ['+12125550121', '+12125550122', '+12125550123'];
const NOBODY = '00000000-0000-4000-8000-000000000000';
const STATUSES = ['queued', 'ringing', 'in-progress', 'canceled', 'completed', 'busy', 'failed', 'no-answer'];
const NUMBERS = 102;
const ENDLESS_MS = 4_000_000_000;
const PATIENCE_MS = 30_000;

async function claim(words, prove) {
  try {
    await prove();
    console.log(`ok ${words}`);
  } catch (error) {
    console.log(`FAILED ${words}: ${String(error.message).replace(/\s+/g, ' ')}`);
  }
}

async function eventually(what, ask) {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await ask();
    if (found) return found;
    assert(Date.now() < deadline, `waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

// Serves a document that keeps a call going, and takes down who asked for it.
async function documents() {
  const paths = [];
  const server = http.createServer((request, response) => {
    paths.push(request.url);
    response.setHeader('Content-Type', 'application/xml');
    response.end("<Response><Pause length='4000000'/></Response>");
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { base: `http://127.0.0.1:${server.address().port}`, paths, close: () => server.closeAllConnections() || server.close() };
}

async function control(simulator, what, body) {
  const headers = { 'Content-Type': 'application/json' };
  const answer = await fetch(`${simulator}/_simulator/${what}`, { method: 'PUT', headers, body: JSON.stringify(body) });
  assert(answer.ok, `${what}: ${answer.status}`);
}

async function drive(simulator) {
  const talks = [{ answer: { talk_ms: ENDLESS_MS } }];
  await control(simulator, 'people', { scripts: { [TALKER]: talks, [HELD]: talks, [BUSY]: ['busy'] } });
  const stage = { simulator, pages: await documents() };
  for (const prefix of ['', '/api/laml']) await calls(stage, prefix);
  await lists(stage);
  await changes(stage);
  await things(stage);
  await errors(stage);
  stage.pages.close();
}

const wanted = (stage, to, more = {}) => ({ to, from: FROM, url: `${stage.pages.base}/answer`, ...more });

function isACall(call) {
  assert(STATUSES.includes(call.status), call.status);
  assert.strictEqual(call.accountSid, PROJECT);
  for (const at of [call.dateCreated, call.dateUpdated]) assert(at instanceof Date && !isNaN(at), `${at} is no time`);
  return call;
}

async function calls(stage, prefix) {
  const ours = client(stage.simulator + prefix);
  const below = prefix || '/';
  let placed;
  await claim(`SignalWire's SDK places a call below ${below} and reads back what it asked for`, async () => {
    const statusCallbackEvent = ['initiated', 'ringing', 'answered', 'completed'];
    const [status, amd] = ['status', 'amd'].map((name) => `${stage.pages.base}/${name}`);
    const events = { statusCallback: status, statusCallbackEvent, asyncAmdStatusCallback: amd };
    const more = { ...events, timeout: 30, machineDetection: 'Enable', asyncAmd: 'true', record: true };
    placed = isACall(await ours.calls.create(wanted(stage, BUSY, more)));
    assert.deepStrictEqual([placed.to, placed.from, placed.direction], [BUSY, FROM, 'outbound-api']);
  });
  await claim(`SignalWire's SDK fetches a call below ${below} until it is over`, async () => {
    const over = await eventually('the end', async () => {
      const call = isACall(await ours.calls(placed.sid).fetch());
      return call.endTime && call;
    });
    assert.deepStrictEqual([over.sid, over.status, over.duration], [placed.sid, 'busy', 0]);
  });
}

async function lists(stage) {
  const ours = client(stage.simulator);
  const placed = [];
  for (let n = 0; n < 5; n += 1) placed.unshift((await ours.calls.create(wanted(stage, `+1303556000${n}`))).sid);
  await claim("SignalWire's SDK lists the calls to one number, and no others", async () => {
    const found = await ours.calls.list({ to: '+13035560002' });
    assert.deepStrictEqual(found.map((call) => isACall(call).sid), [placed[2]]);
  });
  await claim("SignalWire's SDK follows the pages of a list to its end, newest first, nothing twice", async () => {
    const sids = (await ours.calls.list({ from: FROM, pageSize: 2 })).map((call) => isACall(call).sid);
    assert.deepStrictEqual(sids.slice(0, 5), placed);
    assert.strictEqual(new Set(sids).size, sids.length);
    assert(sids.length >= 7, `${sids.length}`);
  });
}

async function changes(stage) {
  const ours = client(stage.simulator);
  const reaches = (sid, status) =>
    eventually(status, async () => (await ours.calls(sid).fetch()).status === status);
  let talk;
  await claim("SignalWire's SDK gives a call that goes on another document", async () => {
    talk = await ours.calls.create(wanted(stage, TALKER));
    await reaches(talk.sid, 'in-progress');
    isACall(await ours.calls(talk.sid).update({ url: `${stage.pages.base}/other?to=Sales+Team`, method: 'POST' }));
    await eventually('the other document', () => stage.pages.paths.includes('/other?to=Sales+Team'));
  });
  await claim("SignalWire's SDK ends a call that goes on", async () => {
    isACall(await ours.calls(talk.sid).update({ status: 'completed' }));
    await reaches(talk.sid, 'completed');
  });
  await claim("SignalWire's SDK takes back a call that nobody has picked up", async () => {
    const { config } = await (await fetch(`${stage.simulator}/_simulator/people`)).json();
    const never = { min: ENDLESS_MS, max: ENDLESS_MS };
    await control(stage.simulator, 'people', { config: { ...config, ring_ms: never } });
    const { sid } = await ours.calls.create(wanted(stage, HELD));
    await reaches(sid, 'ringing');
    await ours.calls(sid).update({ status: 'canceled' });
    await reaches(sid, 'canceled');
    await control(stage.simulator, 'people', { config });
  });
}

async function things(stage) {
  const ours = client(stage.simulator);
  await claim("SignalWire's SDK lists the numbers of the project, page by page, and fetches one", async () => {
    const listed = await ours.incomingPhoneNumbers.list({ pageSize: 40 });
    assert.strictEqual(new Set(listed.map((number) => number.sid)).size, NUMBERS);
    const number = await ours.incomingPhoneNumbers(listed[0].sid).fetch();
    assert.deepStrictEqual([number.phoneNumber, number.capabilities.voice], [FROM, true]);
  });
  await claim("SignalWire's SDK lists the recordings of a call and of the project, and fetches one", async () => {
    const { sid } = await ours.calls.create(wanted(stage, TALKER, { record: true }));
    await eventually('an answer', async () => (await ours.calls(sid).fetch()).status === 'in-progress');
    await ours.calls(sid).update({ status: 'completed' });
    const [recording] = await eventually('the recording', async () => {
      const found = await ours.calls(sid).recordings.list();
      return found.length && found;
    });
    assert.deepStrictEqual([recording.callSid, recording.status], [sid, 'completed']);
    const newest = (await ours.recordings.list({ pageSize: 1 })).map((one) => one.sid);
    assert.deepStrictEqual([newest[0], newest.length], [recording.sid, new Set(newest).size]);
    assert.strictEqual((await ours.recordings(recording.sid).fetch()).callSid, sid);
  });
}

async function errors(stage) {
  const ours = client(stage.simulator);
  const refusals = [
    ['a number that is none as 21211', 400, 21211, () => ours.calls.create(wanted(stage, 'nobody'))],
    ['no document as 21205', 400, 21205, () => ours.calls.create({ to: BUSY, from: FROM, url: '' })],
    ['that there is no such call as 20404', 404, 20404, () => ours.calls(NOBODY).fetch()],
    ['that its token is wrong as 20003', 401, 20003, () => client(stage.simulator, 'another').calls(NOBODY).fetch()],
  ];
  for (const [what, status, code, ask] of refusals) {
    await claim(`SignalWire's SDK reads ${what}`, async () => {
      const refused = await ask().then(() => null, (error) => error);
      assert(refused, 'nothing was refused');
      assert.deepStrictEqual([refused.status, refused.code], [status, code]);
    });
  }
}

module.exports = { drive };
