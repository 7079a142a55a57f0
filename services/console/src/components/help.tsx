// Every key, on the key "?".
import { Button, Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { WORST_FIRST } from "../data/rows";
import { type Key, useWords } from "../i18n";
import { type Fill, Shape } from "./shape";

const KEYS: readonly (readonly [string, Key])[] = [
  ["↑ ↓  J K", "help.move"],
  ["N", "help.next"],
  ["A", "help.acknowledge"],
  ["R", "help.resolve"],
  ["C", "help.comment"],
  ["F", "help.enlarge"],
  ["B", "help.boxes"],
  ["S", "help.shelve"],
  ["U", "help.undo"],
  ["W", "help.new"],
  ["1 2 3 4", "help.show"],
  ["/", "help.search"],
  ["L", "help.language"],
  ["Esc", "help.escape"],
  ["?", "help.help"],
];
const FILLS: readonly (readonly [Fill, Key])[] = [
  ["filled", "help.shapes.filled"],
  ["hollow", "help.shapes.hollow"],
  ["grey", "help.shapes.grey"],
];

export function Help({ onClose }: { onClose: () => void }) {
  const { t } = useWords();
  return (
    <ModalOverlay className="overlay" isOpen isDismissable onOpenChange={onClose}>
      <Modal className="modal wide">
        <Dialog className="dialog help">
          <Heading slot="title">{t("help.title")}</Heading>
          <dl className="keys">
            {KEYS.map(([keys, what]) => (
              <div key={what}>
                <dt>{keys.split(" ").map((one) => one && <kbd key={one}>{one}</kbd>)}</dt>
                <dd>{t(what)}</dd>
              </div>
            ))}
          </dl>
          <h3>{t("help.shapes")}</h3>
          <ul className="shapes">
            {WORST_FIRST.map((severity) => (
              <li key={severity}>
                <Shape severity={severity} fill="filled" size={22} /> {t(`severity.${severity}`)}
              </li>
            ))}
          </ul>
          <ul className="shapes">
            {FILLS.map(([fill, what]) => (
              <li key={fill}>
                <Shape severity="high" fill={fill} size={22} /> {t(what)}
              </li>
            ))}
          </ul>
          <div className="buttons">
            <Button className="button primary" autoFocus onPress={onClose}>
              {t("close")}
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
