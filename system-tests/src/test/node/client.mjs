// OpenAI's official client for Node, unchanged, against the hub at MUSTER_URL. The models are those of
// the test's upstream. Prints a line for each check and exits with 0 when all passed.
import assert from 'node:assert/strict';
import OpenAI from 'openai';

const { MUSTER_URL: baseURL, MUSTER_KEY: apiKey } = process.env;
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const words = Array.from({ length: 20 }, (_, i) => i + 1).join(' ');
const ask = (model, more = {}) => ({ model, messages: [{ role: 'user', content: 'hello' }], ...more });
const tools = [
  {
    type: 'function',
    function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
  },
];

let passed = 0;
async function check(name, run) {
  try {
    await run();
    passed += 1;
    console.log(`ok ${name}`);
  } catch (error) {
    console.log(`FAILED ${name}`, error);
    process.exit(1);
  }
}

async function collect(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}
const text = (chunks) => chunks.map((c) => c.choices[0]?.delta?.content ?? '').join('');

await check('chat', async () => {
  const { data, response } = await client.chat.completions.create(ask('paced')).withResponse();
  assert.equal(data.choices[0].message.content, `hello ${words}`);
  assert.equal(data.usage.total_tokens, 28);
  assert.equal(response.headers.get('x-worker-id'), 'worker');
  assert.ok(data._request_id);
});

await check('stream', async () => {
  const chunks = await collect(await client.chat.completions.create(ask('paced', { stream: true })));
  assert.equal(text(chunks), `hello ${words}`);
  assert.ok(chunks.every((c) => !c.usage && c.choices.length === 1));
});

await check('include_usage', async () => {
  const request = ask('paced', { stream: true, stream_options: { include_usage: true } });
  const chunks = await collect(await client.chat.completions.create(request));
  assert.deepEqual(chunks.at(-1).choices, []);
  assert.equal(chunks.at(-1).usage.completion_tokens, 21);
  assert.equal(chunks.filter((c) => c.usage).length, 1);
});

await check('tools', async () => {
  const { choices } = await client.chat.completions.create(ask('tools', { tools }));
  assert.equal(choices[0].finish_reason, 'tool_calls');
  assert.equal(choices[0].message.tool_calls[0].function.name, 'weather');
  assert.deepEqual(JSON.parse(choices[0].message.tool_calls[0].function.arguments), { city: 'Oslo' });
});

await check('tools in a stream', async () => {
  const runner = client.chat.completions.stream(ask('tools', { tools }));
  const { choices } = await runner.finalChatCompletion();
  assert.equal(choices[0].message.tool_calls[0].function.name, 'weather');
  assert.deepEqual(JSON.parse(choices[0].message.tool_calls[0].function.arguments), { city: 'Oslo' });
});

await check('models', async () => {
  const ids = [];
  for await (const model of client.models.list()) ids.push(model.id);
  assert.ok(ids.includes('paced') && ids.includes('tools'));
  assert.equal((await client.models.retrieve('paced')).owned_by, 'upstream');
});

await check('not found', () =>
  assert.rejects(client.chat.completions.create(ask('no-such-model')), (error) => {
    assert.ok(error instanceof OpenAI.NotFoundError);
    assert.equal(error.code, 'model_not_found');
    return true;
  }));

await check('bad request', () =>
  assert.rejects(client.chat.completions.create({ model: 'paced', messages: 'no list' }), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.equal(error.param, 'messages');
    return true;
  }));

await check('authentication', () =>
  assert.rejects(
    new OpenAI({ baseURL, apiKey: 'another-key', maxRetries: 0 }).models.list(),
    OpenAI.AuthenticationError,
  ));

await check('abort', async () => {
  const stream = await client.chat.completions.create(ask('endless', { stream: true }));
  let seen = 0;
  for await (const chunk of stream) {
    seen += chunk.choices.length;
    if (seen === 3) stream.controller.abort();
  }
  assert.ok(seen >= 3);
});

await check('rate limit', async () => {
  // The two places of the fleet are taken, until the test has seen 'refused'.
  const held = [client.chat.completions.create(ask('held')), client.chat.completions.create(ask('held'))];
  const refused = async () => {
    for (;;) {
      try {
        await client.chat.completions.create(ask('paced'));
      } catch (error) {
        return error;
      }
    }
  };
  const error = await refused();
  assert.ok(error instanceof OpenAI.RateLimitError, String(error));
  assert.ok(Number(error.headers.get('retry-after')) > 0);
  const patient = new OpenAI({ baseURL, apiKey, maxRetries: 8 }).chat.completions.create(ask('paced'));
  console.log('refused');
  assert.equal((await patient).choices[0].message.content, `hello ${words}`);
  for (const answer of await Promise.all(held)) assert.equal(answer.choices[0].message.content, 'released');
});

console.log(`all ${passed} passed`);
