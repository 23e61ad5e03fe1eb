/** Where an instance answers, below its address. Free of zod, so that the client may import the values. */
export const paths = {
  /** The WebSocket. The first frame is `connection.open`. */
  socket: '/socket',
  /** `POST /api/<operation>`. */
  api: '/api/',
} as const;

/** The HTTP header in which a client names the epoch it knows. */
export const epochHeader = 'messenger-epoch';
