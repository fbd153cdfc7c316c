/** The code of the error that a promise rejects with, or `null` when it fulfils; without a code it is thrown on. */
export async function codeOfRejection(promise: Promise<unknown>): Promise<string | null> {
  try {
    await promise;
    return null;
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
    throw error;
  }
}
