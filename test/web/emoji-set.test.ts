import { expect, test } from 'vitest';
import { quickEmoji } from '../../src/web/conversation/message-deeds.ts';
import { emojiGroups, findEmoji } from '../../src/web/emoji/emoji-set.ts';

const all = emojiGroups.flatMap(({ emoji }) => emoji);

test('every emoji is one that the server takes, stands there once, and has words in both languages', () => {
  const each = all.map(({ emoji }) => emoji);
  expect([...each, ...quickEmoji].filter((emoji) => !/^\p{RGI_Emoji}$/v.test(emoji))).toEqual([]);
  expect(new Set(each).size).toBe(each.length);
  expect(all.filter(({ words }) => !/[a-z]/.test(words) || !/[а-я]/.test(words)).map(({ emoji }) => emoji)).toEqual([]);
  expect(quickEmoji.filter((emoji) => !each.includes(emoji))).toEqual([]);
});

test('emoji are found by the beginning of a word in either language, and by themselves', () => {
  const found = (typed: string) => findEmoji(typed).map(({ emoji }) => emoji);
  expect(found('sail')).toEqual(['⛵']);
  expect(found('парус')).toEqual(['⛵']);
  expect(found('Праз')).toContain('🎉');
  expect(found('слез')).toContain('😂');
  expect(found('red heart')).toEqual(['❤️']);
  expect(found('👍')).toEqual(['👍']);
  expect(found('nothing like it')).toEqual([]);
});
