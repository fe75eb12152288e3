/** Takes the password out of every connection string in a text, and out of the parameters of one. */
export function withoutPasswords(text: string): string {
  return text
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/)([^\s/?#"'`]*)@/gi, (_, scheme: string, credentials: string) => {
      const user = credentials.split(':')[0];
      return credentials.includes(':') ? `${scheme}${user}:***@` : `${scheme}${credentials}@`;
    })
    .replace(/((?:password|passwd|pwd|sslpassword)=)[^\s&;"'`]+/gi, '$1***');
}
