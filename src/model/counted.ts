/** `1 output`, `2 outputs`. */
export const counted = (many: number, what: string): string => `${many} ${what}${many === 1 ? '' : 's'}`;
