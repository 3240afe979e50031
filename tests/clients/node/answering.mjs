// How commands are answered: what a library gave, or the error as an application catches it.

function failed(error) {
  return {
    error: {
      class: error.name,
      message: error.message,
      code: error.code ?? error.name,
      status: error.$metadata?.httpStatusCode ?? error.statusCode ?? null,
    },
  };
}

/** Have a command done by its library: `{"result": ...}` or `{"error": ...}`, never a throw. */
export async function answered(libraries, { library, do: name, ...command }) {
  try {
    return { result: (await libraries[library][name](command)) ?? null };
  } catch (error) {
    return failed(error);
  }
}
