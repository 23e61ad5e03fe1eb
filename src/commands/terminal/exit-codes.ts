/** How every command ends. */
export const exitCodes = {
  failure: 1,
  usage: 2,
  notRunning: 3,
  badConfiguration: 4,
  interrupted: 130,
} as const;
