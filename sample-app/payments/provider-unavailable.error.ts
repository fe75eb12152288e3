/** The provider did not answer properly. A later attempt may succeed. */
export class ProviderUnavailableError extends Error {
  constructor(call: number) {
    super(`payment provider: 503 Service Unavailable (call ${call})`);
    this.name = 'ProviderUnavailableError';
  }
}
