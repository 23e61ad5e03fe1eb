/** What Telegram Desktop writes of a message: as much of it as is read. Everything may be missing, or be something else. */
export interface TelegramMessage {
  readonly id: number;
  readonly type?: 'message' | 'service';
  readonly date?: string;
  readonly date_unixtime?: string;
  readonly edited?: string;
  readonly edited_unixtime?: string;
  readonly from?: string | null;
  readonly from_id?: string;
  readonly actor?: string | null;
  readonly actor_id?: string;
  readonly action?: string;
  readonly title?: string;
  readonly members?: readonly (string | null)[];
  readonly inviter?: string | null;
  readonly message_id?: number;
  readonly reply_to_message_id?: number;
  readonly reply_to_peer_id?: string;
  readonly forwarded_from?: string | null;
  readonly forwarded_from_id?: string;
  readonly text?: TelegramText;
  readonly photo?: string;
  readonly file?: string;
  readonly file_name?: string;
  readonly media_type?: string;
  readonly mime_type?: string;
  readonly sticker_emoji?: string;
  readonly performer?: string;
  readonly duration_seconds?: number;
  readonly poll?: TelegramPoll;
  readonly location_information?: { readonly latitude?: number; readonly longitude?: number };
  readonly place_name?: string;
  readonly contact_information?: {
    readonly first_name?: string;
    readonly last_name?: string;
    readonly phone_number?: string;
  };
  readonly game_title?: string;
  readonly reactions?: readonly TelegramReaction[];
}

export type TelegramText = string | readonly (string | TelegramPiece)[];

interface TelegramPiece {
  readonly type?: string;
  readonly text?: string;
  readonly href?: string;
  readonly language?: string;
  readonly user_id?: number;
}

interface TelegramPoll {
  readonly question?: TelegramText;
  readonly closed?: boolean;
  readonly total_voters?: number;
  readonly answers?: readonly { readonly text?: TelegramText; readonly voters?: number }[];
}

interface TelegramReaction {
  readonly type?: string;
  readonly emoji?: string;
  readonly count?: number;
  readonly recent?: readonly { readonly from?: string | null; readonly from_id?: string }[];
}

/** Pieces whose look the product has no way to show. */
const looks = new Set(['bold', 'italic', 'underline', 'strikethrough', 'spoiler', 'blockquote']);

/** The text as the product writes it: code in backquotes, addresses behind the words that led to them. */
export function plainText(text: TelegramText | undefined): {
  readonly text: string;
  readonly mentions: readonly string[];
  readonly formatted: boolean;
} {
  if (text === undefined) return { text: '', mentions: [], formatted: false };
  const pieces = typeof text === 'string' ? [text] : text;
  const mentions: string[] = [];
  let formatted = false;
  const parts = pieces.map((piece) => {
    if (typeof piece === 'string') return piece;
    if (looks.has(piece.type ?? '')) formatted = true;
    if (piece.type === 'mention_name' && piece.user_id !== undefined) mentions.push(`user${piece.user_id}`);
    return written(piece);
  });
  return { text: parts.join(''), mentions: [...new Set(mentions)], formatted };
}

function written({ type, text = '', href, language }: TelegramPiece): string {
  if (text.trim() === '') return text;
  switch (type) {
    case 'code':
      return text.includes('`') ? text : `\`${text}\``;
    case 'pre':
      return text.includes('`') ? text : `\`\`\`${language ? '' : ''}\n${text}\n\`\`\``;
    case 'text_link':
      return href === undefined || href === '' || href === text ? text : `${text} (${href})`;
    default:
      return text;
  }
}

/**
 * What stands in the place of something that is not carried over, so that answers to it make sense; empty where there is
 * nothing. The same in every language.
 */
export function mediaMark(message: TelegramMessage): string {
  const { media_type: type, file_name: name = '', location_information: place, contact_information: contact } = message;
  const marks: Readonly<Record<string, string>> = {
    sticker: message.sticker_emoji ?? '🖼️',
    voice_message: `🎤 ${lengthOf(message)}`,
    video_message: `🎥 ${lengthOf(message)}`,
    video_file: `🎥 ${name || lengthOf(message)}`,
    animation: '🎞️ GIF',
    audio_file: `🎵 ${[message.performer, message.title].filter(Boolean).join(' – ') || name}`,
  };
  if (type !== undefined && type in marks) return (marks[type] ?? '').trim();
  if (message.photo !== undefined) return '📷';
  if (message.file !== undefined) return `📎 ${name || fileNameIn(message.file)}`.trim();
  if (place !== undefined) {
    return ['📍', message.place_name, `${place.latitude}, ${place.longitude}`].filter(Boolean).join(' ');
  }
  if (contact !== undefined) {
    return ['👤', contact.first_name, contact.last_name, contact.phone_number].filter(Boolean).join(' ');
  }
  if (message.game_title !== undefined) return `🎮 ${message.game_title}`;
  return '';
}

/** Whether there was a file, which stays behind. Places and contacts are told in words. */
export function hasMedia({ photo, file, media_type: type }: TelegramMessage): boolean {
  return photo !== undefined || file !== undefined || type !== undefined;
}

function lengthOf({ duration_seconds: seconds }: TelegramMessage): string {
  if (typeof seconds !== 'number') return '';
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
}

/** Where the file was left out, a sentence in brackets stands in the place of its path. */
function fileNameIn(path: string): string {
  return path.startsWith('(') ? '' : (path.split('/').at(-1) ?? '');
}
