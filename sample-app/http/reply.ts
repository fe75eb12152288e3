/** The part of a platform's response that is needed to choose a status. */
export interface Reply {
  status(code: number): unknown;
}
