import type { Words } from '../../provision/words/words.ts';
import { harmless, style } from './printer.ts';

export const levels = { debug: 20, info: 30, warn: 40, error: 50 } as const;

/** How grave a line is; what is no log line of ours (a crash, say) is as grave as an error. */
export function levelOf(line: string): number {
  const record = recordOf(line);
  return record === null ? levels.error : Number(record.level);
}

/** A line of the log for people: time, level, what happened, and the rest. */
export function logLine(line: string, { language }: Words): string {
  const record = recordOf(line);
  if (record === null) return harmless(line);
  const { level, time, msg, pid: _pid, hostname: _hostname, err, ...fields } = record;
  const clock = new Intl.DateTimeFormat(language, { dateStyle: 'short', timeStyle: 'medium' }).format(Number(time));
  const rest = Object.entries(fields).map(([key, value]) => `${style('dim', `${key}=`)}${harmless(shown(value))}`);
  const stack = stackOf(err);
  return (
    [`${style('dim', clock)} ${levelName(Number(level))} ${harmless(String(msg ?? ''))}`, ...rest].join(' ') + stack
  );
}

function recordOf(line: string): Record<string, unknown> | null {
  if (!line.startsWith('{')) return null;
  try {
    const record: unknown = JSON.parse(line);
    return typeof record === 'object' && record !== null && 'level' in record ? { ...record } : null;
  } catch {
    return null;
  }
}

function levelName(level: number): string {
  if (level >= levels.error) return style('red', 'error');
  if (level >= levels.warn) return style('yellow', 'warn ');
  return level >= levels.info ? style('green', 'info ') : style('dim', 'debug');
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function stackOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const text = 'stack' in error && typeof error.stack === 'string' ? error.stack : JSON.stringify(error);
  return text
    .split('\n')
    .map((line) => `\n    ${style('dim', harmless(line))}`)
    .join('');
}
