/**
 * Text that cannot play tricks on a terminal: names and metadata come from files, and a control character in them
 * would move the cursor or change the colours. `keep` names the control characters that may stay.
 */
export function printable(text: string, keep = ''): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, (char) => (keep.includes(char) ? char : '�'));
}
