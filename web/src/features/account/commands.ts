import { site } from "@/api";
import type { Command } from "@/app/registry";

/** The account is at home on the apex. */
async function open(path: string) {
  const { apexOrigin, slug } = await site();
  location.assign(`${apexOrigin}${path}${slug ? `?organization=${slug}` : ""}`);
}

export const commands: Command[] = [
  {
    id: "account",
    area: "workspace",
    label: { en: "My account", de: "Mein Konto", ar: "حسابي" },
    words: { en: "profile picture name language", de: "Profil Bild Name Sprache", ar: "الملف الشخصي الصورة الاسم" },
    icon: "user-cog",
    run: () => void open("/account"),
  },
  {
    id: "account-security",
    area: "workspace",
    label: { en: "My password and sessions", de: "Mein Passwort und meine Sitzungen", ar: "كلمة المرور والجلسات" },
    words: { en: "security log-in devices", de: "Sicherheit Anmeldung Geräte", ar: "الأمان الدخول الأجهزة" },
    icon: "shield",
    run: () => void open("/account/security"),
  },
];
