// A server made with MCP's official SDK: over stdio, or over HTTP when it is given a port.
import http from 'node:http';
import { randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { z } from 'zod';

const port = Number(process.argv[2] ?? 0);
const text = (value) => ({ content: [{ type: 'text', text: value }] });
let cancelled = 0;

function serve() {
  const server = new McpServer({ name: 'test', version: '1.0.0' });
  server.registerTool('echo', { description: 'Says it again.', inputSchema: { say: z.string() } }, ({ say }) => text(say));
  server.registerTool('wordy', { description: 'word '.repeat(10_000) }, () => text(''));
  server.registerTool('fail', { description: 'Fails.' }, () => ({ ...text('as it should'), isError: true }));
  server.registerTool('image', { description: 'An image.' }, () => ({
    content: [{ type: 'image', mimeType: 'image/png', data: 'AAAA' }],
  }));
  server.registerTool('steps', { description: 'Tells of its steps.' }, async (extra) => {
    for (const progress of [1, 2]) {
      await extra.sendNotification({
        method: 'notifications/progress',
        params: { progressToken: extra._meta.progressToken, progress, total: 2 },
      });
    }
    return text('done');
  });
  server.registerTool('forever', { description: 'Ends only when it is cancelled.' }, (extra) => {
    extra.signal.addEventListener('abort', () => (cancelled += 1));
    return new Promise(() => {});
  });
  server.registerTool('cancelled', { description: 'How many were cancelled.' }, () => text(String(cancelled)));
  server.registerTool('environment', { description: 'Names of variables.' }, () =>
    text(Object.keys(process.env).sort().join(' ')),
  );
  server.registerTool('more', { description: 'Offers another tool.' }, () => {
    server.registerTool('another', { description: 'Was not there before.' }, () => text('new'));
    return text('ok');
  });
  server.registerTool('stubborn', { description: 'Cannot be asked to end; tells its processes.' }, () => {
    process.on('SIGTERM', () => {});
    setInterval(() => {}, 1000);
    const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
    return text(`${process.pid} ${child.pid}`);
  });
  server.registerTool('exit', { description: 'Ends the server.' }, () => process.exit(0));
  return server;
}

if (!port) {
  await serve().connect(new StdioServerTransport());
} else {
  const sessions = new Map();
  http
    .createServer(async (request, response) => {
      if (request.headers.authorization !== `Bearer ${process.env.MCP_TEST_TOKEN}`) {
        response.writeHead(401).end();
        return;
      }
      const id = request.headers['mcp-session-id'];
      let transport = sessions.get(id);
      if (id && !transport) {
        response.writeHead(404).end();
        return;
      }
      if (!transport) {
        transport = new StreamableHTTPServerTransport({
          sessionIdGenerator: () => randomUUID(),
          onsessioninitialized: (made) => sessions.set(made, transport),
        });
        await serve().connect(transport);
      }
      await transport.handleRequest(request, response);
    })
    .listen(port, '127.0.0.1', () => console.log('listens'));
}
