/*
 * The test people, each with what becomes of their purchases.
 */
import { control, fill, find, nameOf, redraw, run } from "./page.js";

const markets = new Intl.DisplayNames(["en"], { type: "region" });

export async function showPeople() {
  const people = await control("GET", "people");
  await redraw(find("people"), people.map(personCard));
}

/** What the person tells at a sign-in; what was chosen by a control call alone stands as none of these. */
function showTold(person, select) {
  const [withheld, verified] = [[...person.withheld].sort().join(" "), String(person.email_verified)];
  select.selectedIndex = [...select.options].findIndex(
    (option) => option.dataset.withheld === withheld && option.dataset.verified === verified,
  );
  select.setAttribute("aria-label", `Sign-ins of ${person.email}`);
  select.dataset.key = `told-${person.id}`;
  select.addEventListener("change", () => {
    const { withheld: away, verified: sure } = select.selectedOptions[0].dataset;
    const sent = { withheld: away.split(" ").filter(Boolean), email_verified: sure === "true" };
    run(
      () => control("PATCH", `people/${encodeURIComponent(person.id)}`, sent),
      `Sign-ins of ${person.email} from now on: ${select.selectedOptions[0].textContent.toLowerCase()}.`,
    );
  });
  return select;
}

function personCard(person) {
  const card = fill("person", {
    market: markets.of(person.country),
    name: nameOf(person),
    phone: person.phone,
    email: person.email,
  });
  const select = find("outcome", card);
  select.value = person.outcome;
  select.setAttribute("aria-label", `Purchases of ${person.email}`);
  select.dataset.key = person.id;
  const chosen = select.selectedOptions[0];
  const meaning = find("meaning", card);
  meaning.textContent = chosen.dataset.means;
  meaning.id = `meaning-${person.id}`;
  select.setAttribute("aria-describedby", meaning.id);
  const told = showTold(person, find("told", card));
  card.classList.toggle("person-card--changed", person.outcome !== "approve" || told.selectedIndex > 0);
  select.addEventListener("change", () => {
    const outcome = select.value;
    run(
      () => control("PATCH", `people/${encodeURIComponent(person.id)}`, { outcome }),
      `Purchases of ${person.email} from now on: ${select.selectedOptions[0].textContent.toLowerCase()}.`,
    );
  });
  return card;
}
