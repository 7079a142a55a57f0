// What somebody sets for this browser, whoever signs in there.
import { Languages } from "../components/languages";
import { useWords } from "../i18n";

export default function Settings() {
  const { t } = useWords();
  return (
    <section className="card settings">
      <h2>{t("language")}</h2>
      <Languages />
    </section>
  );
}
