import { request } from 'node:http';
import { AppError, type WireError } from '../protocol/errors.ts';
import { paths } from '../protocol/names.ts';
import type { InputToSend, OperationName, Output } from '../protocol/operations.ts';

type Reply = { readonly ok: true; readonly output: unknown } | { readonly ok: false; readonly error: WireError };

/** Whether a server answers behind a management socket. */
export async function answers(path: string): Promise<boolean> {
  try {
    await ask(path, 'instance.about', {});
    return true;
  } catch {
    return false;
  }
}

/** One operation over the management socket. Rejects with the AppError it is answered with, else with what the system says. */
export async function callManagement<N extends OperationName>(
  path: string,
  op: N,
  input: InputToSend<N>,
): Promise<Output<N>> {
  const reply = await ask(path, op, input);
  if (reply.ok) return reply.output as Output<N>;
  const { code, reason, ...more } = reply.error;
  throw new AppError(code, reason, more);
}

async function ask(path: string, op: string, input: unknown): Promise<Reply> {
  const text = await post(path, `${paths.api}${op}`, JSON.stringify(input));
  return JSON.parse(text) as Reply;
}

function post(socketPath: string, path: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const asking = request({ socketPath, path, method: 'POST', headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
      response.on('error', reject);
    });
    asking.on('error', reject);
    asking.end(body);
  });
}
