// MCP's official TypeScript client, unchanged, against the hub at MUSTER_MCP. The tools are those of the
// test's node. Prints a line for each check and exits with 0 when all passed.
import assert from 'node:assert/strict';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';

const url = new URL(process.env.MUSTER_MCP);
const requestInit = { headers: { authorization: `Bearer ${process.env.MUSTER_KEY}` } };

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

const client = new Client({ name: 'test', version: '1.0.0' });
const transport = new StreamableHTTPClientTransport(url, { requestInit });
let changed;
const listChanged = new Promise((resolve) => (changed = resolve));
client.setNotificationHandler(ToolListChangedNotificationSchema, () => changed());

await check('connect', async () => {
  await client.connect(transport);
  assert.equal(client.getServerVersion().name, 'muster');
  assert.ok(transport.sessionId);
});
await check('ping', () => client.ping());
await check('list', async () => {
  const { tools } = await client.listTools();
  assert.ok(tools.some((tool) => tool.name === 'echo'));
});
await check('call', async () => {
  const result = await client.callTool({ name: 'echo', arguments: { a: 'b' } });
  assert.deepEqual(result.structuredContent, { a: 'b' });
});
await check('error', async () => {
  const result = await client.callTool({ name: 'test_error_handling' });
  assert.equal(result.isError, true);
});
await check('unknown tool', () => assert.rejects(client.callTool({ name: 'nothing' }), /Unknown tool/));
await check('progress', async () => {
  const seen = [];
  const result = await client.callTool({ name: 'test_tool_with_progress' }, undefined, {
    onprogress: ({ progress }) => seen.push(progress),
  });
  assert.deepEqual(seen, [0, 50, 100]);
  assert.equal(result.content[0].text, 'done');
});
await check('cancel', async () => {
  const controller = new AbortController();
  const call = client.callTool({ name: 'forever' }, undefined, { signal: controller.signal });
  setTimeout(() => controller.abort(new Error('enough')), 300);
  await assert.rejects(call, /enough/);
});
await check('list_changed', async () => {
  console.log('listens');
  await listChanged;
});
await check('end of the session', async () => {
  await transport.terminateSession();
  await client.close();
});
await check('no key', async () => {
  const other = new Client({ name: 'test', version: '1.0.0' });
  await assert.rejects(other.connect(new StreamableHTTPClientTransport(url)), { code: 401 });
});
console.log(`all ${passed} passed`);
process.exit(0);
