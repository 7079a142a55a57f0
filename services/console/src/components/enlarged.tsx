// A picture over all of the screen: the evidence, what the camera sees now, and back, by one key.
import { Button, Dialog, Modal, ModalOverlay } from "react-aria-components";
import { store, useStore } from "../data/store";
import { useWords } from "../i18n";

export type Enlargeable = "evidence" | "live";
/** Empty: none is. */
export const enlarged = store<Enlargeable | "">("");
const there = new Set<Enlargeable>();

/** The next of those that are there. */
export function enlarge(): void {
  const order = (["evidence", "live"] as const).filter((one) => there.has(one));
  const now = enlarged.get();
  enlarged.set(order[now === "" ? 0 : order.indexOf(now) + 1] ?? "");
}

/** Said by whoever shows a picture; gives what takes that back. */
export function offer(what: Enlargeable): () => void {
  there.add(what);
  return () => {
    there.delete(what);
    if (enlarged.get() === what) enlarged.set("");
  };
}

interface Props {
  what: Enlargeable;
  title: string;
  children: React.ReactNode;
}

/** The button on a picture, and the picture over everything where it was pressed. */
export function Enlarged({ what, title, children }: Props) {
  const { t } = useWords();
  const open = useStore(enlarged) === what;
  return (
    <>
      <Button
        className="button enlarge"
        aria-label={t("picture.enlarge", { title })}
        onPress={() => enlarged.set(what)}
      >
        <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
          <path d="M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4" />
        </svg>
      </Button>
      {open && (
        <ModalOverlay
          className="overlay"
          isOpen
          isDismissable
          onOpenChange={(opens) => !opens && enlarged.set("")}
        >
          <Modal className="modal enlarged">
            <Dialog className="dialog" aria-label={title}>
              <div className="caption" onKeyDown={next}>
                <h2>{title}</h2>
                <span className="faint hint">{t("picture.next")}</span>
                <Button className="button" autoFocus onPress={() => enlarged.set("")}>
                  {t("close")}
                </Button>
              </div>
              {children}
            </Dialog>
          </Modal>
        </ModalOverlay>
      )}
    </>
  );
}

function next(event: React.KeyboardEvent): void {
  if (event.key.toLowerCase() === "f" && !event.ctrlKey && !event.metaKey) enlarge();
}
