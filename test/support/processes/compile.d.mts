/** Compiles the library and the crash tests' application, once. @returns the folder; it has the layout of the repository. */
export function compile(): Promise<string>;
/** Gives a finished folder its name, unless another process was first. @returns the folder. */
export function moveIntoPlace(draft: string, folder: string): string;
/** Removes what nobody runs any more. */
export function removeOld(cache: string): void;
