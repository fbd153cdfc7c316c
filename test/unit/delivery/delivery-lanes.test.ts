import { expect, it } from 'vitest';
import { DeliveryLanes } from '../../../lib/delivery/delivery-lanes.js';

interface Request {
  readonly webhookId: string;
  readonly id: string;
  readonly answer: () => void;
}

/** Lanes whose requests are answered by the test. */
function start(limits: { sending: number; sendingPerWebhook: number }) {
  const requests: Request[] = [];
  const givenBack: string[] = [];
  const lanes: DeliveryLanes = new DeliveryLanes(
    limits,
    async (id, webhookId) => {
      const leaveLane = await lanes.enterLane(webhookId, id);
      const leaveAll = await lanes.enterAll(webhookId);
      await new Promise<void>((resolve) => {
        requests.push({ webhookId, id, answer: resolve });
      });
      leaveAll();
      leaveLane();
    },
    (ids) => {
      givenBack.push(...ids);
      return Promise.resolve();
    },
  );
  return { lanes, requests, givenBack };
}

const ids = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name}${index}`);
/** Answers all requests of one webhook and nobody else's, until so many deliveries of it are done. */
async function drain(
  lanes: DeliveryLanes,
  requests: Request[],
  webhook: string,
  count: number,
): Promise<void> {
  const done = lanes.add(webhook, ids(`${webhook} `, count));
  for (let answered = 0, round = 0; answered < count; round++) {
    if (round > 1_000) throw new Error(`"${webhook}" waits for the others.`);
    await turn();
    for (const { webhookId, answer } of requests.splice(0)) {
      if (webhookId !== webhook) continue;
      answer();
      answered += 1;
    }
  }
  await done;
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

it('sends no more than allowed to one webhook and in all', async () => {
  const { lanes, requests } = start({ sending: 5, sendingPerWebhook: 2 });
  for (const webhook of ['a', 'b', 'c', 'd']) void lanes.add(webhook, ids(webhook, 10));
  await turn();
  const open = requests.map(({ webhookId }) => webhookId);
  expect(open).toHaveLength(5);
  for (const webhook of ['a', 'b', 'c', 'd'])
    expect(open.filter((each) => each === webhook).length).toBeLessThanOrEqual(2);
});

it('a webhook that never answers takes nothing from another one, nor holds up its jobs', async () => {
  const { lanes, requests } = start({ sending: 4, sendingPerWebhook: 2 });
  let ended = 0;
  for (const id of ids('dead', 100)) void lanes.add('dead', [id]).then(() => (ended += 1));
  await turn();
  // Only the jobs of the two requests on their way are held.
  expect(ended).toBe(98);
  const done = lanes.add('well', ids('well', 20));
  for (let answered = 0; answered < 20;) {
    await turn();
    for (const { webhookId, answer } of requests.splice(0)) {
      if (webhookId === 'dead') continue;
      answer();
      answered += 1;
    }
  }
  await done;
});

it('webhooks that never answer leave room for another one, however many deliveries of theirs wait', async () => {
  const { lanes, requests } = start({ sending: 50, sendingPerWebhook: 10 });
  for (const webhook of ['a', 'b', 'c', 'd', 'e']) {
    for (const id of ids(webhook, 200)) void lanes.add(webhook, [id]);
  }
  await turn();
  expect(requests.splice(0)).toHaveLength(45);
  await drain(lanes, requests, 'well', 200);
});

it('jobs of webhooks that never answer end, so that there is room for those of others', async () => {
  const { lanes } = start({ sending: 50, sendingPerWebhook: 10 });
  let open = 0;
  for (const webhook of ['a', 'b', 'c', 'd', 'e']) {
    for (const id of ids(webhook, 200)) {
      open += 1;
      void lanes.add(webhook, [id]).then(() => (open -= 1));
    }
  }
  await turn();
  expect(open).toBeLessThanOrEqual(50);
});

it('a webhook that gets a place keeps it while others wait that have more', async () => {
  const { lanes, requests } = start({ sending: 8, sendingPerWebhook: 4 });
  for (const webhook of ['a', 'b']) void lanes.add(webhook, ids(webhook, 40));
  await turn();
  const slow = requests.splice(0);
  expect(slow).toHaveLength(8);
  void lanes.add('well', ids('well', 1));
  await turn();
  expect(requests).toHaveLength(0);
  slow[0]?.answer();
  await drain(lanes, requests, 'well', 100);
});

it('one webhook alone has all places when its own limit allows it', async () => {
  const { lanes, requests } = start({ sending: 50, sendingPerWebhook: 50 });
  void lanes.add('a', ids('a', 100));
  await turn();
  expect(requests).toHaveLength(50);
});

it('takes a delivery that comes in two jobs once at a time', async () => {
  const { lanes, requests } = start({ sending: 4, sendingPerWebhook: 4 });
  void lanes.add('a', ['1', '2']);
  void lanes.add('a', ['2', '3']);
  await turn();
  expect(requests.map(({ id }) => id)).toEqual(['1', '2', '3']);
});

it('a delivery that comes again while it is worked on is looked at once more afterwards', async () => {
  const { lanes, requests } = start({ sending: 4, sendingPerWebhook: 4 });
  void lanes.add('a', ['1']);
  await turn();
  let ended = 0;
  // What made it due again may be newer than what the one at work has read.
  for (const _ of ['retry', 'retry']) void lanes.add('a', ['1']).then(() => (ended += 1));
  await turn();
  expect(requests).toHaveLength(1);
  requests.shift()?.answer();
  await turn();
  expect(requests.map(({ id }) => id)).toEqual(['1']);
  expect(ended).toBe(1);
  requests.shift()?.answer();
  await turn();
  expect(requests).toEqual([]);
  expect(ended).toBe(2);
});

it('a delivery that waits already goes through the rest of its endpoint when that is asked for', async () => {
  const taken: string[] = [];
  const finish: (() => void)[] = [];
  const lanes = new DeliveryLanes(
    { sending: 1, sendingPerWebhook: 1 },
    async (id, _, throughRest) => {
      taken.push(`${id} ${throughRest}`);
      await new Promise<void>((resolve) => finish.push(resolve));
    },
    () => Promise.resolve(),
  );
  const many = ids('a', 10);
  void lanes.add('a', many);
  void lanes.add('a', ['a8', 'a0'], true);
  void lanes.add('a', ['a9']);
  for (let round = 0; round < 20; round++) {
    await turn();
    for (const each of finish.splice(0)) each();
  }
  expect(taken.toSorted()).toEqual([...many.map((id) => `${id} ${id === 'a8'}`), 'a0 true'].toSorted());
});

it('a delivery that came again is given back when it stops meanwhile', async () => {
  const { lanes, requests, givenBack } = start({ sending: 4, sendingPerWebhook: 4 });
  void lanes.add('a', ['1']);
  await turn();
  const again = lanes.add('a', ['1']);
  const stopped = lanes.stop();
  requests.shift()?.answer();
  await Promise.all([again, stopped]);
  expect(requests).toEqual([]);
  expect(givenBack).toEqual(['1']);
});

it('gives back what it has no room for, and all that waits when it stops', async () => {
  const { lanes, requests, givenBack } = start({ sending: 2, sendingPerWebhook: 1 });
  void lanes.add('a', ids('a', 1_100));
  await turn();
  expect(givenBack.length).toBeGreaterThan(50);
  expect(lanes.full()).toEqual(['a']);
  expect(lanes.hasRoom('a')).toBe(false);
  const stopped = lanes.stop();
  let answered = 0;
  for (let round = 0; round < 10; round++) {
    await turn();
    for (const { answer } of requests.splice(0)) {
      answer();
      answered += 1;
    }
  }
  await stopped;
  expect(givenBack.length + answered).toBe(1_100);
  await lanes.add('a', ['late']);
  expect(givenBack.at(-1)).toBe('late');
});

it('sends one at a time to an endpoint that is overloaded, and more again when it answers', async () => {
  const { lanes, requests } = start({ sending: 20, sendingPerWebhook: 4 });
  void lanes.add('a', ids('a', 20));
  await turn();
  expect(requests).toHaveLength(4);
  lanes.adapt('a', true);
  for (const { answer } of requests.splice(0)) answer();
  await turn();
  expect(requests).toHaveLength(1);
  lanes.adapt('a', false);
  for (const { answer } of requests.splice(0)) answer();
  await turn();
  expect(requests).toHaveLength(2);
});
