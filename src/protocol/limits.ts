/** Every bound a client can run into. Free of zod, so that the client may import the values. Sizes are bytes of UTF-8. */
export const limits = {
  /** One WebSocket frame from a client. A larger one closes the socket with 1009. */
  frameBytes: 64 * 1024,
  /** The text of one message. */
  textBytes: 16 * 1024,
  /** One page of any answer, and of `sync`. */
  pageBytes: 128 * 1024,
  /** The highest number of an entry that stores have room for. */
  seq: 2 ** 31 - 1,
  /** Entries or messages in one page. */
  pageItems: 500,
  /** A group's members. */
  members: 5_000,
  /** Different emoji on one message. */
  reactionsPerMessage: 20,
  /** Of those who set one emoji, the first so many are named; the rest are counted. */
  namedReactors: 50,
  /** People that one message mentions; further names stay plain text. */
  mentionsPerMessage: 50,
  pollOptions: { min: 2, max: 12 },
  pollOptionLength: 100,
  pollQuestionLength: 300,
  /** Of one conversation. */
  pins: 50,
  descriptionLength: 500,
  /** Milliseconds: ten seconds to a year. */
  disappearAfter: { min: 10_000, max: 365 * 24 * 3_600_000 },
  /** Milliseconds: an hour to ten years. */
  keepFor: { min: 3_600_000, max: 3_650 * 24 * 3_600_000 },
  /** A picture of a person or group, as WebP, JPEG or PNG, at most 512 pixels a side. */
  avatarBytes: 64 * 1024,
  linkLength: 2_000,
  /** Messages of one person that wait to be sent later. */
  scheduled: 100,
  /** How far ahead, in milliseconds: a year. */
  scheduledAhead: 366 * 24 * 3_600_000,
  /** Webhooks of one conversation, incoming and outgoing each. */
  webhooks: 20,
  /** The word that a message begins with to be delivered by a webhook. */
  webhookWordLength: 32,
  /** Messages of one conversation that a person can remove for themselves. */
  hidden: 1_000,
  /** People that one person blocks. */
  blocks: 1_000,
  /** What somebody adds to a report, and who settles it to the outcome. */
  reportNoteLength: 1_000,
  /** Links of one group that still count. */
  groupLinks: 20,
  /** Of a link into a group: a year. */
  linkHours: 365 * 24,
  /** People added to a group by one request. */
  membersPerChange: 200,
  titleLength: 100,
  nameLength: { min: 2, max: 32 },
  displayNameLength: 64,
  passwordLength: { min: 10, max: 256 },
  emailLength: 254,
  recoveryCodes: 10,
  /** Of one person. */
  passkeys: 20,
  /** Of one person, that still count. */
  apiTokens: 50,
  /** Signed-in devices of one person; one more closes the one used longest ago. */
  sessions: 100,
  /** Devices that one person is known on; one more, and the one used longest ago is a stranger. */
  devices: 100,
  /** Conversations that one invite lands people in. */
  inviteConversations: 20,
  /** People whose presence one device may watch. */
  watchedPeople: 100,
  /** Above this many members, delivered marks are not published and read marks are fetched when somebody looks. */
  publishedMarks: 100,
  /** Above this many members, nobody hears who is typing. */
  typingMembers: 200,
  /** Counts of unread messages are exact up to this; this number says "or more". */
  unreadCount: 999,
  /** A client more entries behind than this treats its cache of the conversation as stale and reads the end. */
  staleEntries: 1_000,
  /** Marks that one `receipts.mark` carries. */
  marksPerRequest: 500,
  /** Of a search's query, in UTF-16 units. */
  searchLength: 500,
  /** In one page of what a search found. */
  searchResults: 50,
} as const;

/** How often a client asks for the same thing, in milliseconds. */
export const pace = {
  /** A second receipt for one conversation waits this long for later ones. */
  receipts: 1_000,
  /** "Is typing" is repeated this often while somebody types, and shown for twice as long. */
  typing: 4_000,
  /** An open client syncs this often although it missed nothing it knows of. */
  sync: 5 * 60_000,
  /** The client says it is alive this often; the server closes a socket silent for three times as long. */
  heartbeat: 25_000,
} as const;
