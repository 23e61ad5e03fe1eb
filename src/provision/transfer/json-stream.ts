/** A value within a JSON document, and where it stands: keys and places in lists. */
export interface JsonPart {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

interface Frame {
  readonly isList: boolean;
  key: string | number;
  /** Whether what comes next is the name of a value. */
  wantsKey: boolean;
}

/** A value that is taken whole is bounded, in UTF-16 units. */
const mostUnits = 16 * 1024 * 1024;

/**
 * Reads a JSON document of any size in pieces: simple values one by one, and objects and lists whole where `isWhole` says
 * so of their path; of the others only what is in them is given. Throws where it is not JSON, or ends too early.
 */
export async function* jsonParts(
  chunks: AsyncIterable<string>,
  isWhole: (path: readonly (string | number)[]) => boolean,
): AsyncGenerator<JsonPart> {
  const frames: Frame[] = [];
  /** What of the present value came before this chunk. */
  let held = '';
  /** `text`: within quotes; `word`: a number, true, false, null; `whole`: something taken whole. */
  let state: 'between' | 'text' | 'word' | 'whole' = 'between';
  let [depth, quoted, escaped, began] = [0, false, false, false];

  const path = () => frames.map(({ key }) => key);
  const top = () => frames.at(-1);

  const took = (value: unknown): JsonPart | null => {
    const frame = top();
    if (frame?.wantsKey) {
      frame.key = String(value);
      return null;
    }
    return { path: path(), value };
  };

  const open = (isList: boolean) => {
    began = true;
    frames.push({ isList, key: isList ? 0 : '', wantsKey: !isList });
  };

  const between = (char: string): boolean => {
    const frame = top();
    switch (char) {
      case '{':
      case '[':
        if (frames.length > 0 && isWhole(path())) return true;
        open(char === '[');
        return false;
      case '}':
      case ']':
        if (frame === undefined || frame.isList !== (char === ']')) throw new Error('the brackets do not match');
        frames.pop();
        return false;
      case ':':
        if (frame === undefined || frame.isList) throw new Error('a colon where none may be');
        frame.wantsKey = false;
        return false;
      case ',':
        if (frame === undefined) throw new Error('a comma where none may be');
        if (frame.isList) frame.key = Number(frame.key) + 1;
        else frame.wantsKey = true;
        return false;
      default:
        return false;
    }
  };

  for await (const chunk of chunks) {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const char = chunk[at] as string;
      if (state === 'between') {
        if (/\s/.test(char) || char === '\ufeff') continue;
        if (!began && char !== '{' && char !== '[') throw new Error('not JSON');
        if (char === '"') [state, from, escaped] = ['text', at, false];
        else if (!'{}[],:'.includes(char)) [state, from] = ['word', at];
        else if (between(char)) [state, from, depth, quoted, escaped] = ['whole', at, 1, false, false];
        continue;
      }
      if (state === 'word') {
        if (!',}]'.includes(char) && !/\s/.test(char)) continue;
        const part = took(JSON.parse(held + chunk.slice(from, at)));
        [state, held] = ['between', ''];
        if (part !== null) yield part;
        if (!/\s/.test(char)) between(char);
        continue;
      }
      if (escaped) {
        escaped = false;
        continue;
      }
      if (char === '\\') {
        escaped = true;
        continue;
      }
      if (state === 'text') {
        if (char !== '"') continue;
      } else {
        if (char === '"') quoted = !quoted;
        if (quoted) continue;
        if (char === '{' || char === '[') depth++;
        else if (char === '}' || char === ']') depth--;
        if (depth > 0) continue;
      }
      const part = took(JSON.parse(held + chunk.slice(from, at + 1)));
      [state, held] = ['between', ''];
      if (part !== null) yield part;
    }
    if (state !== 'between') {
      held += chunk.slice(from);
      if (held.length > mostUnits) throw new Error('a value is too large');
    }
  }
  if (frames.length > 0 || state !== 'between' || !began) throw new Error('the file ends too early');
}
