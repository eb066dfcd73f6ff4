/** Which key was meant, whatever the keyboard's script: on an Arabic keyboard, G is ل and ? is ؟. */
type Pressed = Pick<KeyboardEvent, "key" | "code">;

const ASCII = /^[!-~]$/;

export function keyOf({ key, code }: Pressed): string {
  if (ASCII.test(key)) return key.toLowerCase();
  if (key === "؟") return "?";
  if (key.length === 1 && code.startsWith("Key")) return code.slice(3).toLowerCase();
  if (key.length === 1 && code === "Slash") return "/";
  return key;
}
