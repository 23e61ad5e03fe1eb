import type { InputToSend, Output } from '../../src/protocol/operations.ts';
import type { Device } from './device.ts';

/** The texts that a search finds, on all its pages, in order; of what is no message its kind. */
export async function findTexts(
  device: Device,
  query: string,
  more: Omit<InputToSend<'message.search'>, 'query' | 'cursor'> = {},
): Promise<string[]> {
  const texts: string[] = [];
  for (let cursor: string | null = null; ; ) {
    const page: Output<'message.search'> = await device.call('message.search', { query, ...more, cursor });
    texts.push(...page.results.map(({ message }) => (message.kind === 'message' ? message.body.text : message.kind)));
    cursor = page.cursor;
    if (cursor === null) return texts;
  }
}
