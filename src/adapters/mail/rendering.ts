import type { Letter } from '../../ports/mailer.ts';
import type { Language } from '../../protocol/models.ts';
import { en } from './letters/en.ts';
import { ru } from './letters/ru.ts';
import type { Catalogue, LetterWords } from './letters/words.ts';

/** A letter as it is sent. The subject is one line. */
export interface Rendered {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

const catalogues: Readonly<Record<Language, Catalogue>> = { en, ru };
const locales: Readonly<Record<Language, string>> = { en: 'en-GB', ru: 'ru' };

/** Whatever people call themselves and their devices, it stays text in the place it was put. */
export function renderLetter(letter: Letter, language: Language, instanceName: string): Rendered {
  const catalogue = catalogues[language];
  const instance = inOneLine(instanceName);
  const tame = inOneLines(letter);
  const words = wordsFor(catalogue, tame, { instance, date: dateIn(language) });
  const greeting = greetingFor(catalogue, tame);
  const opening = greeting === null ? words.paragraphs : [greeting, ...words.paragraphs];
  const whole = { ...words, paragraphs: opening };
  return {
    subject: words.subject,
    text: asText(whole, catalogue.signature(instance)),
    html: asHtml(whole, { language, copyLink: catalogue.copyLink, signature: catalogue.signature(instance) }),
  };
}

function wordsFor<K extends Letter['kind']>(
  catalogue: Catalogue,
  letter: Extract<Letter, { kind: K }>,
  about: Parameters<Catalogue['letters'][K]>[1],
): LetterWords {
  return catalogue.letters[letter.kind as K](letter, about);
}

/**
 * By name, but where the name is made to be taken for a link: a confirmation goes to an address that anybody can give, and
 * shall carry nobody's advertisement.
 */
function greetingFor(catalogue: Catalogue, letter: Letter): string | null {
  if (letter.kind === 'test' || letter.kind === 'approval_wanted') return null;
  return catalogue.greeting(/[/:@]|\.\p{L}{2}/u.test(letter.name) ? null : letter.name);
}

function dateIn(language: Language): (at: number) => string {
  const format = new Intl.DateTimeFormat(locales[language], { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
  return (at) => `${format.format(at)} UTC`;
}

/** Every text in it but the link, which is the instance's own. */
function inOneLines(letter: Letter): Letter {
  const tame = Object.entries(letter).map(([key, value]) => [
    key,
    typeof value === 'string' && key !== 'link' ? inOneLine(value) : value,
  ]);
  return Object.fromEntries(tame) as Letter;
}

/** Without line breaks, other control characters, and what turns the direction of writing around. */
function inOneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
}

function asText({ paragraphs, action, remarks }: LetterWords, signature: string): string {
  const blocks = [...paragraphs, ...(action === null ? [] : [action.link]), ...remarks, `-- \n${signature}`];
  return `${blocks.join('\n\n')}\n`;
}

function asHtml(
  { subject, paragraphs, action, remarks }: LetterWords,
  {
    language,
    copyLink,
    signature,
  }: { readonly language: Language; readonly copyLink: string; readonly signature: string },
): string {
  const lines = [
    ...paragraphs.map((text) => `<p style="margin:0 0 16px">${withBreaks(text)}</p>`),
    ...(action === null ? [] : [button(action.label, action.link)]),
    ...remarks.map(
      (text) => `<p class="faint" style="margin:0 0 12px;font-size:14px;color:#5c6370">${withBreaks(text)}</p>`,
    ),
    ...(action === null ? [] : [copyableLink(copyLink, action.link)]),
    `<p class="faint line" style="margin:24px 0 0;padding-top:12px;border-top:1px solid #d9dce1;font-size:13px;color:#5c6370">${escaped(signature)}</p>`,
  ];
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escaped(subject)}</title>
<style>
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {
  .page { background: #15181d !important; color: #e6e8eb !important; }
  .faint, .faint a { color: #a4abb6 !important; }
  .line { border-color: #363c45 !important; }
}
</style>
</head>
<body class="page" style="margin:0;padding:0;background:#ffffff;color:#1a1d21">
<div style="max-width:560px;margin:0 auto;padding:24px 20px;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif">
${lines.join('\n')}
</div>
</body>
</html>
`;
}

function button(label: string, link: string): string {
  const style =
    'display:inline-block;padding:12px 20px;border-radius:8px;background:#2563c9;color:#ffffff;font-weight:600;text-decoration:none';
  return `<p style="margin:0 0 20px"><a href="${escaped(link)}" style="${style}">${escaped(label)}</a></p>`;
}

function copyableLink(lead: string, link: string): string {
  const faint = 'margin:0 0 12px;font-size:14px;color:#5c6370';
  return `<p class="faint" style="${faint}">${escaped(lead)}<br><a href="${escaped(link)}" style="color:inherit;word-break:break-all">${escaped(link)}</a></p>`;
}

function withBreaks(text: string): string {
  return escaped(text).replaceAll('\n', '<br>');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
