// Runs a Node.js function: fetches invocations from the Runtime API, calls the
// handler, and posts what it answers, as AWS's own runtime does.
//
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import util from 'node:util';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const root = process.env.LAMBDA_TASK_ROOT;
const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
let requestId = '';

function request(method, route, body, kind) {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json' };
    if (body !== undefined) headers['Content-Length'] = Buffer.byteLength(body);
    if (kind) headers['Lambda-Runtime-Function-Error-Type'] = kind;
    const req = http.request({ host, port, agent, method, headers, path: '/2018-06-01/runtime' + route }, (res) => {
      const chunks = [];
      res.on('data', (c) => chunks.push(c));
      res.on('end', () => resolve({ headers: res.headers, body: Buffer.concat(chunks).toString() }));
      res.on('error', reject);
    });
    req.on('error', reject);
    req.end(body);
  });
}

// Lines are written at once, so that they are in the log before the answer. A
// message of several lines has carriage returns between them.
function print(level, text) {
  const line = `${new Date().toISOString()}\t${requestId || 'undefined'}\t${level}\t${text}`.replace(/\n/g, '\r') + '\n';
  let bytes = Buffer.from(line);
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(fs.writeSync(1, bytes));
    } catch (error) {
      if (error.code !== 'EAGAIN') return;
    }
  }
}

for (const [method, level] of [['log', 'INFO'], ['info', 'INFO'], ['debug', 'DEBUG'], ['trace', 'TRACE'], ['warn', 'WARN'], ['error', 'ERROR']]) {
  console[method] = (...args) => print(level, util.format(...args));
}

const shown = (text) => String(text).replaceAll(pathToFileURL(root).href, 'file:///var/task').replaceAll(root, '/var/task');

// A Fault is an error that is told under a name of the runtime's.
class Fault extends Error {
  constructor(kind, message, cause) {
    super(message);
    this.name = kind;
    this.stack = cause?.stack ?? `${kind}: ${message}`;
  }
}

function described(error) {
  if (!(error instanceof Error) && !(error && error.stack && error.message)) {
    return { errorType: typeof error, errorMessage: util.format(error), trace: [] };
  }
  const trace = shown(error.stack ?? '').split('\n').filter((line) => !line.includes('/bootstrap/bootstrap.mjs'));
  return { errorType: error.name ?? 'Error', errorMessage: shown(error.message), trace };
}

async function loadHandler() {
  const name = process.env._HANDLER;
  const match = path.basename(name).match(/^([^.]*)\.(.*)$/);
  if (!match || name.includes('..')) throw new Fault('Runtime.MalformedHandlerName', 'Bad handler');
  const base = path.join(root, path.dirname(name), match[1]);
  const file = ['.js', '.mjs', '.cjs'].map((ext) => base + ext).find((f) => fs.existsSync(f));
  if (!file) throw new Fault('Runtime.ImportModuleError', `Error: Cannot find module '${match[1]}'\nRequire stack:\n- /var/runtime/index.mjs`);
  let module;
  try {
    const type = file.endsWith('.js') && packageType(path.dirname(file));
    module = file.endsWith('.mjs') || type === 'module' ? await import(pathToFileURL(file).href) : createRequire(file)(file);
  } catch (error) {
    if (error instanceof SyntaxError) throw new Fault('Runtime.UserCodeSyntaxError', String(error), error);
    if (error?.code === 'MODULE_NOT_FOUND' || error?.code === 'ERR_MODULE_NOT_FOUND') {
      throw new Fault('Runtime.ImportModuleError', String(error), error);
    }
    throw error;
  }
  let handler = module;
  for (const part of match[2].split('.')) handler = handler?.[part] ?? handler?.default?.[part];
  if (handler === undefined) throw new Fault('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  if (typeof handler !== 'function') throw new Fault('Runtime.HandlerNotFound', `${name} is not a function`);
  return handler;
}

function packageType(dir) {
  for (; dir.startsWith(root); dir = path.dirname(dir)) {
    const file = path.join(dir, 'package.json');
    if (fs.existsSync(file)) return JSON.parse(fs.readFileSync(file, 'utf8')).type;
  }
  return undefined;
}

function contextOf(headers, done) {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  const client = headers['lambda-runtime-client-context'];
  return {
    callbackWaitsForEmptyEventLoop: true,
    awsRequestId: requestId,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: client ? JSON.parse(Buffer.from(client, 'base64').toString()) : undefined,
    getRemainingTimeInMillis: () => Math.max(deadline - Date.now(), 0),
    done: (error, value) => done(error, value),
    succeed: (value) => done(null, value),
    fail: (error) => done(error ?? 'handled'),
  };
}

// call returns what a handler answers: by a promise, or by its callback.
function call(handler, event, headers) {
  return new Promise((resolve, reject) => {
    const done = (error, value) => (error ? reject(error) : resolve(value));
    const answer = handler(event, contextOf(headers, done), done);
    if (answer && typeof answer.then === 'function') answer.then(resolve, reject);
  });
}

async function serve(handler) {
  const { headers, body } = await request('GET', '/invocation/next');
  requestId = headers['lambda-runtime-aws-request-id'];
  const route = `/invocation/${requestId}/`;
  let answer;
  try {
    answer = JSON.stringify(await call(handler, JSON.parse(body), headers)) ?? 'null';
  } catch (error) {
    const document = described(error);
    print('ERROR', 'Invoke Error \t' + JSON.stringify({ errorType: document.errorType, errorMessage: document.errorMessage, stack: document.trace }));
    await request('POST', route + 'error', JSON.stringify(document), document.errorType);
    return;
  }
  await request('POST', route + 'response', answer);
}

async function failed(error, exit) {
  const document = described(error);
  print('ERROR', 'Uncaught Exception \t' + JSON.stringify({ errorType: document.errorType, errorMessage: document.errorMessage, stack: document.trace }));
  try {
    await request('POST', requestId ? `/invocation/${requestId}/error` : '/init/error', JSON.stringify(document), document.errorType);
  } finally {
    process.exit(exit);
  }
}

process.on('uncaughtException', (error) => failed(error, 129));
process.on('unhandledRejection', (error) => failed(new Fault('Runtime.UnhandledPromiseRejection', String(error), error), 128));

let handler;
try {
  handler = await loadHandler();
} catch (error) {
  await failed(error, 1);
}
for (;;) {
  try {
    await serve(handler);
  } catch {
    process.exit(1); // Salamander has ended
  }
}
