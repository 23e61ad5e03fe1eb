/** An emoji and the words it is found by, in every language of the client. */
export interface KnownEmoji {
  readonly emoji: string;
  readonly words: string;
}
export type EmojiGroup = 'faces' | 'people' | 'hearts' | 'nature' | 'food' | 'things';

/** A line each: the emoji, then its words. Those of people as the world writes them, skin tone left to whoever sets it. */
const lines: Readonly<Record<EmojiGroup, string>> = {
  faces: `
😀 grin smile happy улыбка радость
😃 smile happy joy улыбка радость
😄 laugh smile happy смех улыбка
😁 beam grin улыбка зубы
😆 laugh squint смех хохот
😅 sweat relief phew пот неловко
🤣 rofl rolling laugh хохот ржу
😂 tears joy laugh смех до слёз
🙂 slight smile улыбка
🙃 upside down вверх ногами ирония
😉 wink подмигивание
😊 blush smile румянец улыбка
😇 angel halo innocent ангел нимб
🥰 love hearts adore люблю сердечки
😍 heart eyes love влюблён глаза
🤩 star eyes wow восторг звёзды
😘 kiss blow поцелуй
😋 yum tasty вкусно
😛 tongue язык
😜 wink tongue crazy язык дразнит
🤪 zany crazy дурачусь
🤗 hug обнимаю
🤭 oops giggle ой хихикаю
🤫 quiet hush тихо секрет
🤔 think hmm думаю хм
🤨 eyebrow doubt сомнение бровь
😐 neutral нейтрально
😶 speechless no mouth молчу
😏 smirk ухмылка
😒 unamused недоволен
🙄 roll eyes закатил глаза
😬 grimace awkward неловко
😌 relieved calm облегчение спокойно
😔 sad pensive грусть
😪 sleepy сонный
😴 sleep zzz сплю сон
😷 mask ill sick маска болею
🤒 fever ill sick температура болею
🤧 sneeze cold насморк простуда
🥵 hot жара жарко
🥶 cold freeze холод мороз
🥴 woozy dizzy пьян кружится
🤯 mind blown взрыв мозга
🥳 party celebrate праздник вечеринка
😎 cool sunglasses круто очки
🤓 nerd ботаник умник
😕 confused озадачен
😟 worried беспокоюсь
🙁 frown грустно
😮 wow surprised oh удивление ого
😲 astonished шок
😳 flushed blush смущён
🥺 please puppy пожалуйста умоляю
😨 fear боюсь страх
😰 anxious sweat тревога
😢 cry sad tear плачу слеза грустно
😭 sob cry рыдаю плачу
😱 scream horror ужас крик
😞 disappointed разочарован
😩 weary tired устал
😤 huff proud пыхтит
😡 angry злость злюсь
🤬 swear curse ругаюсь
😈 devil imp чёрт проказник
💀 skull dead череп умер
💩 poo какашка
🤡 clown клоун
👻 ghost призрак
👽 alien пришелец
🤖 robot робот
😺 cat smile кот улыбка
😹 cat joy кот смех
🙈 monkey see no evil обезьяна не вижу`,
  people: `
👍 thumbs up yes like good да хорошо нравится класс
👎 thumbs down no dislike нет плохо не нравится
👌 ok okay хорошо окей
🤌 pinched italian щепоть
✌️ victory peace победа мир
🤞 fingers crossed luck удача
🤟 love you люблю
🤘 rock horns рок
🤙 call me позвони
👈 left point влево
👉 right point вправо
👆 up point вверх
👇 down point вниз
☝️ one point один
✋ hand stop high five рука стоп пять
👋 wave hello bye привет пока
👏 clap applause браво аплодисменты
🙌 hooray hands ура руки
👐 open hands руки
🤝 handshake deal договорились рукопожатие
🙏 thanks please pray спасибо пожалуйста
✍️ write пишу
💪 strong muscle сила
🫶 heart hands сердце руки
🫡 salute честь есть
🤷 shrug не знаю пожимаю
🤦 facepalm рука лицо
🙋 raise hand me я рука
🙅 no way нет
🙆 ok yes да
💁 here tip вот
👀 eyes look глаза смотрю
👂 ear listen ухо слушаю
🧠 brain мозг
👶 baby малыш
👧 girl девочка
👦 boy мальчик
👩 woman женщина
👨 man мужчина
👵 grandmother бабушка
👴 grandfather дедушка
👪 family семья
💃 dance танец
🕺 dance man танец
🏃 run бегу
🚶 walk иду
🧘 yoga calm йога
🎅 santa christmas дед мороз`,
  hearts: `
❤️ heart love red сердце любовь
🧡 orange heart сердце оранжевое
💛 yellow heart сердце жёлтое
💚 green heart сердце зелёное
💙 blue heart сердце синее
💜 purple heart сердце фиолетовое
🖤 black heart сердце чёрное
🤍 white heart сердце белое
💔 broken heart разбитое сердце
❤️‍🔥 heart fire сердце огонь
💕 hearts сердца
💖 sparkling heart сердце блеск
💋 kiss lips поцелуй
💯 hundred full сто
💥 boom взрыв
💫 dizzy star звезда
✨ sparkles блеск
🔥 fire hot огонь
⭐ star звезда
🌟 glowing star звезда
⚡ lightning fast молния
❗ exclamation important важно
❓ question вопрос
✅ done check yes готово галочка да
☑️ check box галочка
❌ no cross wrong нет крест
⛔ stop forbidden нельзя
⚠️ warning внимание
🚫 forbidden no запрет
💤 sleep zzz сон
💬 speech chat чат речь
💭 thought мысль
➕ plus плюс
➖ minus минус
🔴 red circle красный
🟢 green circle зелёный
🆗 ok окей
🆕 new новое
🔝 top топ
🏳️‍🌈 rainbow flag pride радуга флаг`,
  nature: `
🐶 dog собака
🐱 cat кот кошка
🐭 mouse мышь
🐰 rabbit кролик
🦊 fox лиса
🐻 bear медведь
🐼 panda панда
🐨 koala коала
🐯 tiger тигр
🦁 lion лев
🐮 cow корова
🐷 pig свинья
🐸 frog лягушка
🐵 monkey обезьяна
🐔 chicken курица
🐧 penguin пингвин
🐦 bird птица
🦉 owl сова
🦄 unicorn единорог
🐝 bee пчела
🦋 butterfly бабочка
🐌 snail slow улитка
🐢 turtle slow черепаха
🐙 octopus осьминог
🐬 dolphin дельфин
🐳 whale кит
🌲 tree ёлка дерево
🌳 tree дерево
🌵 cactus кактус
🍀 clover luck клевер удача
🌹 rose роза
🌷 tulip flower тюльпан цветок
🌻 sunflower подсолнух
🌸 blossom flower цветок
💐 bouquet flowers букет цветы
🍁 leaf autumn лист осень
☀️ sun sunny солнце
⛅ cloud sun облачно
🌧️ rain дождь
⛈️ storm гроза
❄️ snow cold снег
⛄ snowman снеговик
🌈 rainbow радуга
🌊 wave sea волна море
🌙 moon night луна ночь
🌍 earth world земля мир`,
  food: `
🍎 apple яблоко
🍌 banana банан
🍓 strawberry клубника
🍒 cherry вишня
🍉 watermelon арбуз
🍋 lemon лимон
🥑 avocado авокадо
🍅 tomato помидор
🥔 potato картошка
🥕 carrot морковь
🌽 corn кукуруза
🍄 mushroom гриб
🍞 bread хлеб
🧀 cheese сыр
🥚 egg яйцо
🥞 pancakes блины
🍔 burger бургер
🍟 fries картошка фри
🍕 pizza пицца
🌭 hot dog хот дог
🌮 taco тако
🥗 salad салат
🍲 soup stew суп
🍝 pasta паста
🍣 sushi суши
🍜 noodles лапша
🍪 cookie печенье
🍫 chocolate шоколад
🍰 cake торт пирог
🎂 birthday cake день рождения торт
🍦 ice cream мороженое
🍿 popcorn попкорн
☕ coffee tea кофе чай
🍵 tea чай
🍺 beer пиво
🍻 cheers beer пиво ура
🍷 wine вино
🥂 cheers champagne шампанское ура
🍾 champagne celebrate шампанское
🥤 drink напиток`,
  things: `
🎉 party tada celebrate congratulations праздник поздравляю ура
🎊 confetti party конфетти праздник
🎈 balloon шарик
🎁 gift present подарок
🏆 trophy win кубок победа
🥇 gold first золото первый
🥈 silver second серебро второй
🥉 bronze third бронза третий
⚽ football soccer футбол
🏀 basketball баскетбол
🎾 tennis теннис
🏐 volleyball волейбол
🎳 bowling боулинг
🎮 game play игра
🎲 dice game кости игра
🎯 target цель точно
🎸 guitar гитара
🎵 music note музыка
🎤 microphone sing микрофон петь
🎬 film movie кино
🎨 art paint рисую краски
📷 camera photo фото камера
🚗 car машина
🚌 bus автобус
🚂 train поезд
✈️ plane flight самолёт
🚀 rocket fast ракета
🚲 bicycle bike велосипед
⛵ sailing boat парус лодка
🏠 house home дом
🏥 hospital больница
🏫 school школа
⛺ tent camping палатка
🏖️ beach holiday пляж отпуск
🗺️ map карта
⏰ alarm clock time будильник время
⌛ hourglass wait песочные часы жду
📅 calendar date календарь дата
📌 pin булавка
📎 paperclip скрепка
✏️ pencil карандаш
📝 note write заметка
📚 books read книги
📧 mail почта
📱 phone телефон
💻 computer laptop компьютер
🔋 battery батарея
💡 idea light идея лампочка
🔑 key ключ
🔒 lock closed замок
🔧 wrench repair ключ починить
🔨 hammer молоток
🧹 broom clean метла уборка
🧺 basket laundry корзина бельё
🛒 cart shopping покупки тележка
💰 money деньги
💳 card pay карта платить
💊 pill medicine таблетка
🚨 siren alarm тревога
🗑️ bin trash мусор`,
};

const groupsIn = (all: typeof lines) =>
  (Object.entries(all) as [EmojiGroup, string][]).map(([group, text]) => ({
    group,
    emoji: text
      .trim()
      .split('\n')
      .map((line): KnownEmoji => {
        const gap = line.indexOf(' ');
        return { emoji: line.slice(0, gap), words: line.slice(gap) };
      }),
  }));

export const emojiGroups = groupsIn(lines);

const folded = (text: string): string => text.toLocaleLowerCase().replaceAll('ё', 'е');

/** Those that have a word beginning with each word typed; an emoji finds itself. */
export function findEmoji(typed: string): readonly KnownEmoji[] {
  const wanted = folded(typed).split(/\s+/u).filter(Boolean);
  return emojiGroups
    .flatMap(({ emoji }) => emoji)
    .filter((one) => wanted.every((word) => folded(one.words).includes(` ${word}`) || one.emoji === word));
}
