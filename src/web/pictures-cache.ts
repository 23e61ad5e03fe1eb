/** Where the service worker keeps pictures of people and groups. They are dropped when the person signs out. */
export const picturesCache = 'pictures';
