// Texts, numbers and times in the reader's language; Vietnamese unless asked otherwise.
import { createContext, useContext } from "react";
import { decimals, filled } from "./data/figures";
import en from "./messages/en.json";
import vi from "./messages/vi.json";

export type Language = "vi" | "en";
export type Key = keyof typeof vi;

const MESSAGES: Record<Language, Record<Key, string>> = { vi, en };
const LOCALES: Record<Language, string> = { vi: "vi-VN", en: "en-GB" };
/** The clock on the wall of the city, wherever the screen stands; the pictures show it too. */
const CITY_ZONE = "Asia/Ho_Chi_Minh";

export interface Words {
  language: Language;
  locale: string;
  t(key: Key, values?: Record<string, string | number>): string;
  number(value: number, decimals?: number): string;
  /** Of anything measured, with three decimals at most. */
  decimal(value: number): string;
  /** With as many decimals as tell something at its size; `beside`: all, rather than to look like it. */
  figure(value: number, beside?: number | null): string;
  /** "12 s", "3 phút", "2 giờ", "5 ngày"; with one decimal "0,4 s" below ten seconds. */
  age(seconds: number, decimals?: 0 | 1): string;
  ago(seconds: number, decimals?: 0 | 1): string;
  /** Time of day, with the date where it is not today's. */
  time(iso: string, now: number): string;
  clock(milliseconds: number): string;
  date(milliseconds: number): string;
  /** "21:40" and "30/11", beneath a chart. */
  minute(milliseconds: number): string;
  day(milliseconds: number): string;
  /** Of a pair of names, the one in this language. */
  pick(vietnamese: string, english: string): string;
}

function words(language: Language): Words {
  const locale = LOCALES[language];
  const messages = MESSAGES[language];
  const formatter = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { timeZone: CITY_ZONE, hourCycle: "h23", ...options });
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const tenths = new Intl.NumberFormat(locale, {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  const thousandths = new Intl.NumberFormat(locale, { maximumFractionDigits: 3 });
  const sized = [0, 1, 2].map(
    (most) => new Intl.NumberFormat(locale, { maximumFractionDigits: most }),
  );
  function figure(value: number, beside: number | null = null): string {
    const said = (sized[decimals(value)] ?? thousandths).format(value);
    const same = beside !== null && value !== beside && said === thousandths.format(beside);
    return same ? thousandths.format(value) : said;
  }
  const minute = formatter({ hour: "2-digit", minute: "2-digit" });
  const brief = formatter({ day: "2-digit", month: "2-digit" });
  const clock = formatter({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const day = formatter({ day: "2-digit", month: "2-digit", year: "numeric" });
  const weekday = formatter({
    weekday: "short",
    day: "2-digit",
    month: "2-digit",
    year: "numeric",
  });

  function t(key: Key, values: Record<string, string | number> = {}): string {
    return filled(messages[key], values);
  }
  function age(seconds: number, decimals = 0): string {
    const s = Math.max(0, seconds);
    if (decimals === 1 && s < 9.95) return t("age.seconds", { n: tenths.format(s) });
    if (s < 60) return t("age.seconds", { n: whole.format(Math.floor(s)) });
    if (s < 3600) return t("age.minutes", { n: whole.format(Math.floor(s / 60)) });
    if (s < 48 * 3600) return t("age.hours", { n: whole.format(Math.floor(s / 3600)) });
    return t("age.days", { n: whole.format(Math.floor(s / 86400)) });
  }
  return {
    language,
    locale,
    t,
    age,
    number: (value, decimals = 0) => (decimals === 1 ? tenths : whole).format(value),
    figure,
    decimal: (value) => thousandths.format(value),
    ago: (seconds, decimals) => t("ago", { age: age(seconds, decimals) }),
    time(iso, now) {
      const moment = Date.parse(iso);
      const today = day.format(moment) === day.format(now);
      return today ? clock.format(moment) : `${clock.format(moment)} ${day.format(moment)}`;
    },
    clock: (milliseconds) => clock.format(milliseconds),
    date: (milliseconds) => weekday.format(milliseconds),
    minute: (milliseconds) => minute.format(milliseconds),
    day: (milliseconds) => brief.format(milliseconds),
    pick: (vietnamese, english) => (language === "vi" ? vietnamese : english),
  };
}

const WORDS: Record<Language, Words> = { vi: words("vi"), en: words("en") };
const Context = createContext<Words>(WORDS.vi);

export const Speak = Context.Provider;
export const speaking = (language: Language): Words => WORDS[language];
export const useWords = (): Words => useContext(Context);
