import type { WallTime } from './local-time.ts';

export type DateOrder = 'dmy' | 'mdy' | 'ymd';

/** The beginning of a message or notice, as its line writes it. */
export interface WhatsAppLine {
  /** Day, month and year in the order of the file. */
  readonly date: readonly [number, number, number];
  /** What stands between them. */
  readonly separator: string;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly isTwelveHours: boolean;
  readonly rest: string;
}

const marks = /[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;
/** Morning and afternoon in the languages that have them; the dots and spaces between letters are left out before. */
const morning = /^(am|vorm|πμ|पूर्वाह्न|上午|午前|오전|ص|öö|fm|de|ip|пд|дп|до полудня)$/i;
const afternoon = /^(pm|nachm|μμ|अपराह्न|下午|午後|오후|م|ös|em|du|пп|после полудня)$/i;

/**
 * `[31.12.23, 23:59:59] Anna: …` on iOS, `31/12/2023, 11:59 PM - Anna: …` on Android, in whatever order and with whatever
 * marks the language of the phone has.
 */
const beginning =
  /^\[?(\d{1,4})([./-]) ?(\d{1,2})[./-] ?(\d{1,4})\.?,?\s(?:(\p{L}[\p{L}.\s]{0,14}?)\s?)?(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\s?(\p{L}[\p{L}.\s]{0,14}?))?(?:\]\s?|\s[-–]\s)(.*)$/su;

/** Null: the line goes on with what the one before it began. */
export function readBeginning(line: string): WhatsAppLine | null {
  const found = beginning.exec(line.replace(/[\u00a0\u202f]/g, ' ').replace(/^[\u200e\u200f\ufeff]+/, ''));
  if (found === null) return null;
  const [, first, separator = '', second, third, before, hourText, minute, seconds, behind, rest = ''] = found;
  const word = (before ?? behind ?? '').replace(/[.\s]/g, '').trim();
  const isMorning = morning.test(word);
  const isAfternoon = afternoon.test(word);
  if (word !== '' && !isMorning && !isAfternoon) return null;
  const hour = Number(hourText);
  const isTwelveHours = isMorning || isAfternoon;
  if (hour > 23 || Number(minute) > 59 || (isTwelveHours && hour > 12)) return null;
  return {
    date: [Number(first), Number(second), Number(third)],
    separator,
    hour: isTwelveHours ? (hour % 12) + (isAfternoon ? 12 : 0) : hour,
    minute: Number(minute),
    second: Number(seconds ?? 0),
    isTwelveHours,
    rest,
  };
}

/** Null: there is no such day. */
export function wallTimeOf(line: WhatsAppLine, order: DateOrder): WallTime | null {
  const [a, b, c] = line.date;
  const [day, month, year] = order === 'dmy' ? [a, b, c] : order === 'mdy' ? [b, a, c] : [c, b, a];
  if (month < 1 || month > 12 || day < 1 || day > 31) return null;
  const { hour, minute, second } = line;
  return { year: year < 100 ? 2000 + year : year, month, day, hour, minute, second };
}

/** Who wrote, and what. A notice has no sender. */
export function cutSender(rest: string): { readonly sender: string | null; readonly text: string } {
  const at = rest.indexOf(': ');
  // An empty message ends behind the colon.
  const end = at < 0 && rest.endsWith(':') ? rest.length - 1 : at;
  if (end <= 0) return { sender: null, text: rest };
  return { sender: withoutMarks(rest.slice(0, end)).trim(), text: rest.slice(end + 2) };
}

export const withoutMarks = (text: string): string => text.replace(marks, '');

export type Content =
  | { readonly kind: 'text'; readonly text: string; readonly edited: boolean }
  | { readonly kind: 'media'; readonly text: string }
  | { readonly kind: 'deleted' }
  | { readonly kind: 'call' }
  | { readonly kind: 'notice' };

const omittedAny =
  /^<?(media omitted|без медиафайлов|medien (ausgeschlossen|weggelassen)|multimedia omitido|archivo omitido|m[ée]dias? omis|mídia oculta|arquivo de mídia oculto|media omessi|media weggelaten|pominięto multimedia|медіа пропущено|файл не вкладено)>?$/i;
const omittedKinds: readonly (readonly [string, RegExp])[] = [
  [
    '📷',
    /^(image omitted|изображение (отсутствует|опущено|пропущено)|bild weggelassen|imagen omitida|image absente|imagem ocultada|immagine omessa)$/i,
  ],
  [
    '🎥',
    /^(video( note)? omitted|видео(заметка)? (отсутствует|опущено|пропущено)|video weggelassen|v[ií]deo omitido|vid[ée]o absente|v[ií]deo ocultado|video omesso)$/i,
  ],
  [
    '🎤',
    /^(audio omitted|аудио(файл)? (отсутствует|опущено|пропущено|пропущен)|audio weggelassen|audio omitido|audio omis|[áa]udio ocultado|audio omesso)$/i,
  ],
  [
    '🖼️',
    /^(sticker omitted|стикер (отсутствует|опущен|пропущен)|sticker weggelassen|sticker omitido|sticker omis|figurinha omitida|sticker omesso)$/i,
  ],
  [
    '🎞️ GIF',
    /^(gif omitted|gif (отсутствует|опущен|пропущен)|gif weggelassen|gif omitido|gif omis|gif ocultado|gif esclusa)$/i,
  ],
  [
    '👤',
    /^(contact card omitted|карточка контакта (отсутствует|опущена|пропущена)|kontaktkarte ausgelassen|tarjeta de contacto omitida)$/i,
  ],
];
const documentOmitted =
  /^(.*?)\s*(?:•.*)?\s(?:document omitted|документ (?:отсутствует|опущен|пропущен)|dokument weggelassen|documento omitido|document manquant)$/i;
const attached = /^<(?:attached|прикреплено|вложение|anhang|adjunto|joint|pièce jointe|anexado|allegato)\s?:\s?(.+)>$/i;
const fileAttached =
  /^(\S.*\.\w{2,5}) \((?:file attached|файл добавлен|файл прикреплён|datei angehängt|archivo adjunto|fichier joint|arquivo anexado|file allegato|bestand bijgevoegd)\)(?:\n([\s\S]*))?$/i;
const deleted =
  /^(this message was deleted|you deleted this message|this message was deleted by admin .*|(данное|это) сообщение (было )?удалено|вы удалили (данное|это) сообщение|diese nachricht wurde gelöscht|du hast diese nachricht gelöscht|este mensaje fue eliminado|eliminaste este mensaje|se eliminó este mensaje|ce message a été supprimé|vous avez supprimé ce message|mensagem apagada|você apagou esta mensagem|essa mensagem foi apagada|questo messaggio è stato eliminato|hai eliminato questo messaggio)\.?$/i;
const calls =
  /^((missed )?(voice|video|group) call\b.*|(пропущенный |отклонённый )?(аудио|видео|групповой )?звонок.*|verpasster (sprach|video)anruf\b.*|(sprach|video)anruf\b.*|llamada perdida\b.*|appel (vocal|vidéo) manqué\b.*)$/i;
const edited =
  /\s*<(?:this message was edited|(?:это )?сообщение изменено|это сообщение было изменено|diese nachricht wurde bearbeitet|se editó este mensaje\.?|este mensaje fue editado|ce message a été modifié|mensagem editada|questo messaggio è stato modificato)>\s*$/i;
/** On iOS these stand behind the name of the group or of the person, marked. */
const notices =
  /(end-to-end encrypted|защищены сквозным шифрованием|ende-zu-ende-verschlüsselt|cifrados de extremo a extremo|chiffrés de bout en bout|security code|код безопасности)/i;

/** What somebody wrote is. */
export function contentOf(given: string): Content {
  const isMarked = /^\s?\u200e/.test(given);
  const text = withoutMarks(given).trim();
  if (omittedAny.test(text)) return { kind: 'media', text: '📎' };
  for (const [mark, pattern] of omittedKinds) if (pattern.test(text)) return { kind: 'media', text: mark };
  const document = documentOmitted.exec(text);
  if (document !== null) return { kind: 'media', text: `📎 ${document[1]}`.trim() };
  const named = attached.exec(text);
  if (named !== null) return { kind: 'media', text: markOf(named[1] ?? '') };
  const file = fileAttached.exec(text);
  if (file !== null) return { kind: 'media', text: [markOf(file[1] ?? ''), file[2] ?? ''].filter(Boolean).join('\n') };
  if (deleted.test(text)) return { kind: 'deleted' };
  if (isMarked && calls.test(text)) return { kind: 'call' };
  if (isMarked && notices.test(text)) return { kind: 'notice' };
  const isEdited = edited.test(text);
  return { kind: 'text', text: isEdited ? text.replace(edited, '') : text, edited: isEdited };
}

function markOf(file: string): string {
  if (/\.(jpe?g|png|heic)$/i.test(file)) return `📷 ${file}`;
  if (/\.(mp4|mov|3gp)$/i.test(file)) return `🎥 ${file}`;
  if (/\.(opus|m4a|mp3|aac|ogg)$/i.test(file)) return `🎤 ${file}`;
  if (/\.webp$/i.test(file)) return '🖼️';
  return `📎 ${file}`;
}

/** What a notice says of a group, in English and Russian; null: nothing that is carried over. */
export type Notice =
  | { readonly kind: 'created' | 'title'; readonly by: string; readonly title: string }
  | { readonly kind: 'left'; readonly who: string }
  | { readonly kind: 'added' | 'removed'; readonly by: string; readonly who: readonly string[] };

const name = '(.+?)';
const quotedTitle = '[“"«](.*)[”"»]';
const patterns: readonly (readonly [RegExp, (groups: readonly string[]) => Notice])[] = [
  [
    new RegExp(`^${name} created (?:this )?group ${quotedTitle}`),
    ([by = '', title = '']) => ({ kind: 'created', by, title }),
  ],
  [
    new RegExp(`^${name} создал(?:\\(-?а\\)|а)? группу ${quotedTitle}`),
    ([by = '', title = '']) => ({ kind: 'created', by, title }),
  ],
  [
    new RegExp(`^${name} changed the (?:subject|group name)(?: from [“"].*[”"])? to ${quotedTitle}`),
    ([by = '', title = '']) => ({ kind: 'title', by, title }),
  ],
  [
    new RegExp(`^${name} изменил(?:\\(-?а\\)|а)? (?:тему|название группы)(?: с [“"«].*[”"»])? на ${quotedTitle}`),
    ([by = '', title = '']) => ({ kind: 'title', by, title }),
  ],
  [new RegExp(`^${name} left(?: the group)?\\.?$`), ([who = '']) => ({ kind: 'left', who })],
  [
    new RegExp(`^${name} (?:покинул|вышел|вышла)(?:\\(-?а\\)|а)?(?: из группы| группу)?\\.?$`),
    ([who = '']) => ({ kind: 'left', who }),
  ],
  [new RegExp(`^${name} added ${name}\\.?$`), ([by = '', who = '']) => ({ kind: 'added', by, who: listed(who) })],
  [
    new RegExp(`^${name} добавил(?:\\(-?а\\)|а)? ${name}\\.?$`),
    ([by = '', who = '']) => ({ kind: 'added', by, who: listed(who) }),
  ],
  [new RegExp(`^${name} removed ${name}\\.?$`), ([by = '', who = '']) => ({ kind: 'removed', by, who: listed(who) })],
  [
    new RegExp(`^${name} удалил(?:\\(-?а\\)|а)? ${name}\\.?$`),
    ([by = '', who = '']) => ({ kind: 'removed', by, who: listed(who) }),
  ],
];

const listed = (who: string): readonly string[] => who.split(/, | and | и /).map((each) => each.trim());

export function readNotice(given: string): Notice | null {
  const text = withoutMarks(given).trim();
  for (const [pattern, read] of patterns) {
    const found = pattern.exec(text);
    if (found !== null) return read(found.slice(1));
  }
  return null;
}

/** What the name of an exported file says the conversation is called. */
export function titleInName(file: string): string {
  const bare = withoutMarks(file)
    .replace(/\.(zip|txt)$/i, '')
    .replace(/\s*\(\d+\)$/, '');
  const found =
    /^(?:WhatsApp Chat (?:with|-)|Чат WhatsApp (?:с контактом|с группой|с|-|—)|WhatsApp-Chat mit|Chat de WhatsApp con|Discussion WhatsApp avec|Conversa do WhatsApp com|Chat WhatsApp con)\s+(.+)$/i.exec(
      bare,
    );
  return found?.[1]?.trim() ?? (/^_?chat$/i.test(bare) ? '' : bare);
}
