// How long pictures of people are kept, and what masks them.
import { useEffect, useState } from "react";
import { privacy } from "../data/api";
import { type Key, useWords, type Words } from "../i18n";
import type { Privacy } from "../types";

const MIB = 2 ** 20;
const GIB = 2 ** 30;

function span({ days, bytes }: Privacy["kept"][number], { t, number }: Words): string {
  if (days === null) return t("privacy.ever");
  const kept = t(days === 1 ? "privacy.day" : "privacy.days", { n: number(days) });
  if (bytes === null) return kept;
  const size = bytes < GIB ? `${number(bytes / MIB)} MiB` : `${number(bytes / GIB, 1)} GiB`;
  return t("privacy.bytes", { kept, size });
}

export function Kept() {
  const words = useWords();
  const { t, number } = words;
  const [found, setFound] = useState<Privacy | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    privacy().then(setFound, () => setFailed(true));
  }, []);
  if (failed) return <p className="message">{t("act.away")}</p>;
  if (!found) return null;
  const model = found.masking.real;
  return (
    <div className="kept">
      <p>{model ? t("privacy.masks", { model }) : t("privacy.nomasks")}</p>
      <p className="faint">
        {t("privacy.now", { n: number(found.pictures), originals: number(found.originals) })}
      </p>
      <table>
        <caption>{t("privacy.kept")}</caption>
        <tbody>
          {found.kept.map((one) => (
            <tr key={one.what}>
              <th scope="row">{t(`privacy.${one.what}` as Key)}</th>
              <td>{span(one, words)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
