"""What a classifier that errs often says of samples is marked."""

from jaxgan.observe.evaluation import table
from jaxgan.observe.evaluator import weakness


def record(**more):
    rest = {"features": "classifier of x", "reference": "x", "real_count": 9, "fake_count": 9, "step": 1, "seed": 0}
    return {"metric": "precision_classifier", "value": 0.9, **rest, **more}


def test_numbers_of_a_weak_classifier_are_marked():
    assert "right about 62% of the rows" in str(weakness([record(classifier_accuracy=0.62)]))
    assert "right about 62%" in str(table([record(classifier_accuracy=0.62)]).caption)


def test_numbers_of_a_good_classifier_and_of_other_features_are_not():
    assert weakness([record(classifier_accuracy=0.98)]) is None
    assert weakness([record()]) is None
    assert weakness([]) is None
    assert table([record()]).caption is None
