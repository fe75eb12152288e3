/** The carrier has nothing to tell yet. A later look may find something: the step is repeated, and parks in between. */
export class NoNewsError extends Error {
  constructor(trackingCode: string) {
    super(`nothing new of parcel ${trackingCode}`);
    this.name = 'NoNewsError';
  }
}
